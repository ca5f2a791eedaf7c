import { readdir, readFile } from 'node:fs/promises';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReplayer, type Replayer } from '../support/replayer.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { PATHS } from './paths.js';
import { SERVER_PATHS } from './server/paths.js';
import { quietTemporal } from '../support/quiet-temporal.js';

/** Written by former code, which a delivery that is still waiting may have begun on. They can't be recorded again. */
const FORMER_PATHS = {
  'promotion-listed-while-sending': 'before a first create was listed as STARTED',
  'undelivered-settles-at-once': 'before a DELIVERED receipt after an UNDELIVERED was waited for',
};

/** Which server wrote them, and the paths that they are of. */
const SETS = [
  { folder: 'histories', paths: PATHS },
  { folder: 'histories-of-a-server', paths: SERVER_PATHS },
  { folder: 'former-histories', paths: FORMER_PATHS },
] as const;
const stored = (folder: string, file: string) => readFile(new URL(`./${folder}/${file}`, import.meta.url), 'utf8');
const filesIn = (folder: string) => readdir(new URL(`./${folder}/`, import.meta.url));
const sets = await Promise.all(SETS.map(async (set) => ({ ...set, files: await filesIn(set.folder) })));
const textOf = (file: string) => stored('histories', file);
const historyIn = (json: string) => historyFromJSON(JSON.parse(json));

let replayer: Replayer;
beforeAll(() => {
  quietTemporal();
  replayer = createReplayer(builtWorkflows);
});
afterAll(() => replayer.close());

describe.each(sets)('every stored history in $folder', ({ folder, files, paths }) => {
  test.each(files)('replays on the current code: %s', async (file) => {
    await replayer.replay(historyIn(await stored(folder, file)));
  });

  test('is of a path, and each path has one', () => {
    expect(files.toSorted()).toEqual(
      Object.keys(paths)
        .map((name) => `${name}.json`)
        .toSorted(),
    );
  });
});

describe('a history of a server', () => {
  // What the test server never writes. Without it, a new record of the path would be worth nothing.
  test.each([
    ['first-task-failed', '"attempt": 2'],
    ['killed-in-the-first-task', 'TIMEOUT_TYPE_START_TO_CLOSE'],
    ['killed-while-it-waits', 'TIMEOUT_TYPE_SCHEDULE_TO_START'],
    ['signal-at-the-end', 'WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND'],
    ['reset-to-the-first-task', 'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW'],
    ['reset-to-the-last-task', 'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW'],
    ['create-retried', '"attempt": 3'],
    ['updates', 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED'],
    ['signal-set-aside', 'core_patch'],
    ['search-attributes', 'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES'],
    ['listed-by-a-client', '"FallbackReason"'],
    ['notified-of-each-phase', 'EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED'],
  ])('%s has %s', async (name, shape) => {
    expect(await stored('histories-of-a-server', `${name}.json`)).toContain(shape);
  });

  test('of a DELIVERED during the create has the signal before the second task', async () => {
    const { events } = historyIn(await stored('histories-of-a-server', 'delivered-during-the-create.json'));
    const isSignal = (index: number) => Boolean(events?.[index]?.workflowExecutionSignaledEventAttributes);
    const types = (events ?? []).map(({ workflowTaskScheduledEventAttributes: task }) => Boolean(task));
    expect(isSignal(types.lastIndexOf(true) - 1)).toBe(true);
  });

  test('names no machine', async () => {
    for (const file of await filesIn('histories-of-a-server')) {
      const text = await stored('histories-of-a-server', file);
      expect(new Set(text.match(/(?<="identity": )"[^"]*"/g))).toEqual(new Set(['"a worker"']));
      expect(text).not.toMatch(/"[^"]*(?:\/home\/|\/root\/|\d+@)[^"]*"/);
    }
  });
});

describe('what came before the answer to the create', () => {
  const text = (kind: string) => stored('histories-of-a-server', `${kind}-before-the-answer.json`);

  test.each(['delivered', 'cancelled'])('%s: replays if the answer was recorded with the task before', async (kind) => {
    const { events } = JSON.parse(await text(kind)) as { events: readonly RecordedEvent[] };
    const answer = events.find(({ markerRecordedEventAttributes: marker }) => marker?.markerName === LOCAL_ACTIVITY);
    const before = events.findIndex((one) => 'workflowTaskCompletedEventAttributes' in one);
    const earlier = { ...answer, markerRecordedEventAttributes: { ...answer?.markerRecordedEventAttributes } };
    earlier.markerRecordedEventAttributes.workflowTaskCompletedEventId = events[before]?.eventId;
    const moved = events.filter((one) => one !== answer).toSpliced(before + 1, 0, earlier as RecordedEvent);
    expect(moved.map(({ eventId }) => eventId)).not.toEqual(events.map(({ eventId }) => eventId));
    const renumbered = JSON.stringify(moved).replaceAll(/(?<=ventId":")\d+/g, (id) =>
      String(moved.findIndex(({ eventId }) => eventId === id) + 1),
    );
    await replayer.replay(historyIn(`{"events":${renumbered}}`));
  });
});
const LOCAL_ACTIVITY = 'core_local_activity';
interface RecordedEvent {
  readonly eventId: string;
  readonly markerRecordedEventAttributes?: { markerName?: string; workflowTaskCompletedEventId?: string | undefined };
}

test('activities in another order are caught', async () => {
  const json = await textOf('sms-with-receipt.json');
  const swapped = json.replaceAll(/revokeRcs|sendSms/g, (name) => (name === 'sendSms' ? 'revokeRcs' : 'sendSms'));
  await expect(replayer.replay(historyIn(swapped))).rejects.toThrow(DeterminismViolationError);
  await replayer.replay(historyIn(json));
});

test.each([
  ['a blank text', '\u00a0'],
  ['a control character', 'a\u0000'],
])('a delivery goes on that began with %s, before such texts were refused', async (_title, text) => {
  const { events } = JSON.parse(await textOf('delivered.json')) as StartedHistory;
  const [payload] = events[0].workflowExecutionStartedEventAttributes.input.payloads;
  const input = JSON.parse(Buffer.from(payload.data, 'base64').toString()) as object;
  payload.data = Buffer.from(JSON.stringify({ ...input, contentMessage: { text } })).toString('base64');
  await replayer.replay(historyIn(JSON.stringify({ events })));
});

interface StartedHistory {
  readonly events: [
    { readonly workflowExecutionStartedEventAttributes: { readonly input: { readonly payloads: [{ data: string }] } } },
  ];
}

test('a create whose own end has come is not cancelled: the end may come a moment after the timer', async () => {
  // A history up to the expiry, as if the create had not been accepted, and two timers: for its answer and for the DELETE.
  const kept = ['1', '2', '3', '4', '5', '6', '7', '13', '14', '15', '16', '23', '24', '25', '26', '27', '34'];
  const { events } = JSON.parse(await textOf('create-retried.json')) as { events: readonly { eventId: string }[] };
  const atExpiry = JSON.stringify(events.filter(({ eventId }) => kept.includes(eventId)));
  const renumbered = atExpiry.replaceAll(/(?<=ventId":")\d+/g, (id) => String(kept.indexOf(id) + 1 || id));
  await replayer.replay(historyIn(`{"events":${renumbered}}`));
});
