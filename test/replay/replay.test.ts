import { readdir, readFile } from 'node:fs/promises';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReplayer, type Replayer } from '../support/replayer.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { PATHS } from './paths.js';
import { quietTemporal } from '../support/quiet-temporal.js';

const HISTORIES = new URL('./histories/', import.meta.url);
const files = await readdir(HISTORIES);
const textOf = (file: string) => readFile(new URL(file, HISTORIES), 'utf8');
const historyIn = (json: string) => historyFromJSON(JSON.parse(json));

let replayer: Replayer;
beforeAll(() => {
  quietTemporal();
  replayer = createReplayer(builtWorkflows);
});
afterAll(() => replayer.close());

describe('every stored history replays on the current code', () => {
  test.each(files)('%s', async (file) => {
    await replayer.replay(historyIn(await textOf(file)));
  });

  test('there is one for each path', () => {
    expect(files.toSorted()).toEqual(
      Object.keys(PATHS)
        .map((name) => `${name}.json`)
        .toSorted(),
    );
  });
});

test('activities in another order are caught', async () => {
  const json = await textOf('sms-with-receipt.json');
  const swapped = json.replaceAll(/revokeRcs|sendSms/g, (name) => (name === 'sendSms' ? 'revokeRcs' : 'sendSms'));
  await expect(replayer.replay(historyIn(swapped))).rejects.toThrow(DeterminismViolationError);
  await replayer.replay(historyIn(json));
});

test('a create whose own end has come is not cancelled: the end may come a moment after the timer', async () => {
  // A history up to the expiry, as if the create had not been accepted, and two timers: for its answer and for the DELETE.
  const kept = ['1', '2', '3', '4', '5', '6', '7', '13', '14', '15', '16', '23', '24', '25', '26', '27', '34'];
  const { events } = JSON.parse(await textOf('create-retried.json')) as { events: readonly { eventId: string }[] };
  const atExpiry = JSON.stringify(events.filter(({ eventId }) => kept.includes(eventId)));
  const renumbered = atExpiry.replaceAll(/(?<=ventId":")\d+/g, (id) => String(kept.indexOf(id) + 1 || id));
  await replayer.replay(historyIn(`{"events":${renumbered}}`));
});
