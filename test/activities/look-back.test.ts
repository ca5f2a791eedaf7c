import { describe, expect, test } from 'vitest';
import { lookBack } from '../../src/activities/look-back.js';
import {
  RunHistoryError,
  type RunEvent,
  type RunEventBody,
  type RunHistories,
  type RunHistoryProblem,
} from '../../src/activities/run-histories.js';
import type { FormerFact } from '../../src/contract/former-run.js';

const START = Date.parse('2026-01-02T03:04:05Z');

/** The events of a run, one a second. A reset run starts with events of its base run. */
function history(run: string, bodies: readonly RunEventBody[], base: readonly RunEvent[] = []): readonly RunEvent[] {
  const own = bodies.map((body, index) => {
    const eventId = base.length + index + 1;
    return { key: `${run} ${String(eventId)}`, eventId, time: new Date(START + eventId * 1000).toISOString(), ...body };
  });
  return [...base, ...own];
}

const overRuns = (runs: Readonly<Record<string, readonly RunEvent[]>>): RunHistories => ({
  runIds: () => Promise.resolve(Object.keys(runs)),
  read: ({ runId }) => Promise.resolve(runs[runId] ?? []),
  latestEvents: () => Promise.resolve([]),
});
const overProblem = (problem: RunHistoryProblem): RunHistories => ({
  runIds: () => Promise.resolve([]),
  read: () => Promise.reject(new RunHistoryError(problem, 'no history')),
  latestEvents: () => Promise.reject(new RunHistoryError(problem, 'no history')),
});
const ask = (histories?: RunHistories) =>
  lookBack(histories === undefined ? {} : { histories }, { workflowId: 'message-delivery:acme:1', runId: 'latest' });

const started = { kind: 'started', originalRunId: 'first' } as const;
const resetOf = (baseRunId: string) => ({ kind: 'reset', baseRunId }) as const;
const scheduled = { kind: 'activityScheduled', type: 'sendSms' } as const;
const signal = (name: string, payload: Readonly<Record<string, string>> = {}): RunEventBody => ({
  ...{ kind: 'signal', name },
  payload: { sendTime: '2026-01-02T03:04:05Z', ...payload },
});
const labels = (facts: readonly FormerFact[]) =>
  facts.map((fact) => ('name' in fact ? fact.name : fact.kind === 'activity' ? fact.end : fact.kind));

describe('lookBack', () => {
  test('a run that was never reset has nothing to look back at', async () => {
    const latest = history('latest', [started, signal('delivered')]);

    expect(await ask(overRuns({ latest }))).toEqual({
      ...{ runId: 'latest', facts: [], inputTaken: false, notifications: 0 },
    });
  });

  test.each<[string, readonly RunEventBody[], boolean]>([
    ['no task of the run before had completed', [], false],
    ['one had completed', [{ kind: 'taskCompleted' }], true],
    ['it had refused the input', [{ kind: 'taskCompleted' }, { kind: 'inputRefused' }], false],
  ])('whether the input was taken: %s', async (_, bodies, inputTaken) => {
    const shared = history('first', [started]);
    const first = history('first', bodies, shared);
    const latest = history('latest', [resetOf('first'), { kind: 'taskCompleted' }], shared);

    expect(await ask(overRuns({ first, latest }))).toMatchObject({ inputTaken });
  });

  test('leaves out what the run finds in its own history', async () => {
    const shared = history('first', [started, signal('read'), scheduled, { kind: 'notification', sequence: 1 }]);
    const ended = { kind: 'activityEnded', scheduledEventId: 3, end: 'completed' } as const;
    const first = history('first', [ended, signal('delivered')], shared);
    const latest = history('latest', [resetOf('first'), signal('read')], shared);

    const { facts, notifications } = await ask(overRuns({ first, latest }));

    expect(labels(facts)).toEqual(['completed', 'delivered']);
    expect(facts[0]).toMatchObject({ scheduledTime: '2026-01-02T03:04:08.000Z', endTime: '2026-01-02T03:04:10.000Z' });
    expect(notifications).toBe(1);
  });

  test('a request that was scheduled before the fork and never answered is open, and may have been sent', async () => {
    const shared = history('first', [started, scheduled]);
    const latest = history('latest', [resetOf('first')], shared);

    const { facts } = await ask(overRuns({ first: shared, latest }));

    expect(facts).toEqual([
      {
        ...{ kind: 'activity', type: 'sendSms', local: false, end: 'open' },
        scheduledTime: '2026-01-02T03:04:07.000Z',
      },
    ]);
  });

  test('follows a chain of resets, also to a base run that only the run between them names', async () => {
    const shared = history('first', [started]);
    const first = history('first', [signal('delivered')], shared);
    const second = history('second', [resetOf('first'), { kind: 'cancelRequested' }], shared);
    const latest = history('latest', [resetOf('second')], shared);

    const { facts } = await ask({ ...overRuns({ first, second, latest }), runIds: () => Promise.resolve([]) });

    expect(labels(facts).toSorted()).toEqual(['cancelRequested', 'delivered']);
  });

  test('finds a run that was reset from the same one, and ignores a run that somebody started anew', async () => {
    const shared = history('first', [started]);
    const sibling = history('sibling', [resetOf('first'), signal('read')], shared);
    const other = history('other', [{ kind: 'started', originalRunId: 'other' }, signal('delivered')]);
    const latest = history('latest', [resetOf('first')], shared);

    const { facts } = await ask(overRuns({ latest, other, sibling, first: shared }));

    expect(labels(facts)).toEqual(['read']);
  });

  test('an update that Temporal gave to a reset run has its request in another event', async () => {
    const request = { name: 'revokeNow', input: { reason: 'wrong price', fallback: 'none' } };
    const between = history('between', [
      ...[started, resetOf('first'), { kind: 'updateAdmitted', updateId: 'u1', request } as const],
      { kind: 'updateAccepted', updateId: 'u1' },
      { kind: 'updateAccepted', updateId: 'u2', request: { name: 'another', input: {} } },
    ]);
    const latest = history('latest', [started, resetOf('between')]);

    const { facts } = await ask(overRuns({ latest, between, first: [] }));

    expect(facts).toEqual([{ kind: 'update', ...request, time: '2026-01-02T03:04:09.000Z' }]);
  });

  test('a repeated signal is one fact; signals that say something else are not', async () => {
    const said = [
      signal('delivered', { eventId: 'a', from: '+15550100001' }),
      signal('delivered', { eventId: 'b', from: '+15550100001' }),
      signal('delivered', { eventId: 'c', from: '+15550100002' }),
      signal('smsStatus', { eventId: 'd', status: 'SENT' }),
      signal('smsStatus', { eventId: 'e', status: 'SENT' }),
      signal('smsStatus', { eventId: 'f', status: 'DELIVERED' }),
      signal('ttlExpirationRevoked', { eventId: 'g' }),
      signal('ttlExpirationRevoked', { eventId: 'h' }),
    ];
    const first = history('first', [started, ...said]);
    const latest = history('latest', [started, resetOf('first')]);

    const { facts } = await ask(overRuns({ first, latest }));

    expect(facts.map((fact) => fact.kind === 'signal' && fact.payload.eventId)).toEqual('acdfgh'.split(''));
  });

  test('the largest history gives less than 1 MB, and the latest facts', async () => {
    const long = 'x'.repeat(512);
    const bodies = Array.from({ length: 1_000 }, (_, n): RunEventBody[] => [
      signal('ttlExpirationRevoked', { eventId: String(n).padEnd(512, 'x') }),
      signal('delivered', { eventId: long, from: String(n).padEnd(128, 'x') }),
      scheduled,
      {
        ...{ kind: 'activityEnded', scheduledEventId: n * 5 + 4, end: 'failed' },
        failure: { type: 'SmsNotSent', details: { code: 'x'.repeat(200), httpStatus: n } },
      },
      { kind: 'cancelRequested' },
    ]).flat();
    const first = history('first', [started, ...bodies]);
    const latest = history('latest', [started, resetOf('first')]);

    const former = await ask(overRuns({ first, latest }));

    expect(JSON.stringify(former).length).toBeLessThan(1_000_000);
    expect(former.facts.at(-1)).toMatchObject({ failure: { details: { httpStatus: 999 } } });
    expect(labels(former.facts)).toContain('cancelRequested');
  });

  test.each([
    ['unavailable', 'UNAVAILABLE', false],
    ['gone', 'GONE', true],
    ['undecodable', 'UNDECODABLE', true],
  ] as const)('a history that is %s', async (problem, code, nonRetryable) => {
    await expect(ask(overProblem(problem))).rejects.toMatchObject({
      ...{ type: 'FormerRunUnreadable', details: [{ code, runId: expect.any(String) as string }] },
      nonRetryable,
    });
  });

  test('a worker that can’t read histories', async () => {
    await expect(ask()).rejects.toMatchObject({
      type: 'FormerRunUnreadable',
      details: [{ code: 'NO_HISTORIES', runId: expect.any(String) as string }],
      nonRetryable: true,
    });
  });
});
