import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  optInSignal,
  optOutSignal,
  renewSignal,
  type OptOutEntry,
  type OptOutStatus,
} from '../../src/contract/opt-out.js';
import { entry, startOptOutRig, until, type OptOutRig } from './opt-out-rig.js';

let rig: OptOutRig;
beforeAll(async () => {
  rig = await startOptOutRig();
});
afterAll(() => rig.stop());

const LATER = '2026-01-02T03:04:06Z';

test('runs until the person opts in, and its result says what was said', async () => {
  const { handle, status } = await rig.start();
  expect(await status()).toEqual({
    since: '2026-01-02T03:04:05.000Z',
    until: null,
    entries: [{ said: 'optOut', ...entry() }],
  });
  await handle.signal(optInSignal, entry({ source: 'operator', sendTime: LATER }));
  expect(await handle.result()).toEqual({
    since: '2026-01-02T03:04:05.000Z',
    until: '2026-01-02T03:04:06.000Z',
    entries: [
      { said: 'optOut', ...entry() },
      { said: 'optIn', ...entry({ source: 'operator', sendTime: LATER }) },
    ],
  });
});

test('null counts as absent', async () => {
  const { handle } = await rig.start({ ...entry(), eventId: null, note: null });
  await handle.signal(optInSignal, { source: 'operator', sendTime: LATER, eventId: null } as unknown as OptOutEntry);
  const { until: end, entries } = (await handle.result()) as OptOutStatus;
  expect(end).toBe('2026-01-02T03:04:06.000Z');
  expect(entries.map((one) => one.eventId)).toEqual([undefined, undefined]);
});

test('an old opt-in, a repetition and bad payloads do not end it, and do not fail it', async () => {
  const { handle, status } = await rig.start();
  await handle.signal(optInSignal, entry({ sendTime: '2026-01-02T03:04:04Z', eventId: 'old' }));
  await handle.signal(optOutSignal, entry());
  const bad = [
    undefined,
    null,
    'STOP',
    {},
    entry({ source: '' }),
    entry({ sendTime: 'yesterday' }),
    { sendTime: LATER },
  ];
  for (const payload of bad) {
    await handle.signal(optInSignal, payload as OptOutEntry);
    await handle.signal(optOutSignal, payload as OptOutEntry);
  }
  const { entries, until: end } = await status();
  expect(end).toBeNull();
  expect(entries.map(({ said, eventId }) => [said, eventId])).toEqual([
    ['optOut', 'event-1'],
    ['optIn', 'old'],
  ]);
  expect((await handle.describe()).status.name).toBe('RUNNING');
});

test('a bad opt-out that starts it still counts', async () => {
  const { handle, status } = await rig.start('STOP');
  expect(await status()).toMatchObject({ until: null, entries: [] });
  expect((await handle.describe()).status.name).toBe('RUNNING');
});

test('a request to cancel it has no effect', async () => {
  const { handle, status } = await rig.start();
  await handle.cancel();
  expect(await status()).toMatchObject({ until: null });
  await handle.signal(optInSignal, entry({ sendTime: LATER }));
  expect(await handle.result()).toMatchObject({ until: '2026-01-02T03:04:06.000Z' });
});

test('an opt-in ends it even while a sweep can not be made', async () => {
  const one = await rig.start(entry(), { answer: () => Promise.reject(new Error('no index')) });
  await until(() => one.sweeps().length > 0);
  await one.handle.signal(optInSignal, entry({ sendTime: LATER }));
  expect(await one.handle.result()).toMatchObject({ until: '2026-01-02T03:04:06.000Z' });
});

test('continues as new under many signals, and forgets nothing of it', async () => {
  const one = await rig.start();
  const first = (await one.handle.describe()).runId;
  const storm = Array.from({ length: 550 }, (_, n) => entry({ eventId: `event-${String(n + 2)}` }));
  for (let at = 0; at < storm.length; at += 50) {
    await Promise.all(storm.slice(at, at + 50).map((said) => one.handle.signal(optOutSignal, said)));
  }
  await until(async () => (await one.handle.describe()).runId !== first);
  await until(async () => (await one.status()).entries.some(({ eventId }) => eventId === 'event-551'));
  const status = await one.status();
  expect(status).toMatchObject({ since: '2026-01-02T03:04:05.000Z', until: null });
  expect(new Set(status.entries.map(({ eventId }) => eventId)).size).toBe(100);
  await one.handle.signal(optInSignal, entry({ sendTime: LATER, eventId: 'in' }));
  expect(await one.handle.result()).toMatchObject({ until: '2026-01-02T03:04:06.000Z' });
});

test('renew begins a new run that knows all of it and keeps the memo', async () => {
  const one = await rig.start();
  await until(() => one.sweeps().length === 1);
  const [before, status] = [await one.handle.describe(), await one.status()];
  await one.handle.signal(renewSignal);
  await until(async () => (await one.handle.describe()).runId !== before.runId);
  expect(await one.status()).toEqual(status);
  expect((await one.handle.describe()).memo).toEqual(before.memo);
  await one.handle.signal(optInSignal, entry({ sendTime: LATER, eventId: 'in' }));
  expect(await one.handle.result()).toMatchObject({ until: '2026-01-02T03:04:06.000Z' });
});
