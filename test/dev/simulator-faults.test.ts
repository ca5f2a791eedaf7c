import { afterEach, describe, expect, test } from 'vitest';
import type { PhoneBehaviourInput } from '../../dev/simulator/phone-behaviour.js';
import { PhoneBehaviour, presets } from '../../dev/simulator/phone-behaviour.js';
import { demoPhones } from '../../dev/simulator/demo-phones.js';
import type { Bench } from './simulator-bench.js';
import { createBench, eventTypes, MESSAGE_ID, PHONE } from './simulator-bench.js';

let bench: Bench;
afterEach(async () => {
  await bench.close();
});
const start = async (behaviour: PhoneBehaviourInput) => (bench = await createBench({ phones: { [PHONE]: behaviour } }));
const truth = () => bench.simulator.truthFor(MESSAGE_ID);
/** What a client sees: the status, or that no complete answer came. */
const outcome = (call: Promise<Response>) =>
  call.then(async (answer) => (await answer.text(), answer.status)).catch(() => 'broken');

describe('scripted answers', () => {
  test('are used one per call, and the last one repeats', async () => {
    await start({ rcs: 'offline', create: [400, 401, 403, 404, 429, 500, 503, 'ok', 503] });
    const statuses = [];
    for (let call = 0; call < 10; call += 1) statuses.push((await bench.create()).status);
    expect(statuses).toEqual([400, 401, 403, 404, 429, 500, 503, 200, 503, 503]);
    expect(
      truth()
        .creates.map(({ tookEffect }) => tookEffect)
        .indexOf(true),
    ).toBe(7);
    expect(truth().creates.map(({ answer }) => answer)).toEqual(statuses);
  });

  test('429 may carry Retry-After, and 409 means that the message was accepted', async () => {
    await start({ rcs: 'offline', create: [{ status: 429, retryAfter: 2 }, 409] });
    const limited = await bench.create();
    expect(limited.headers.get('retry-after')).toBe('2');
    expect(await limited.json()).toMatchObject({ error: { status: 'RESOURCE_EXHAUSTED' } });
    expect(truth().acceptedAt).toBeUndefined();
    expect(await (await bench.create()).json()).toMatchObject({ error: { status: 'ALREADY_EXISTS' } });
    expect(truth().acceptedAt).toBeDefined();
  });

  test('html502 is not JSON and has no effect', async () => {
    await start({ rcs: 'offline', create: 'html502' });
    const answer = await bench.create();
    expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining('<html')]);
    expect(truth().acceptedAt).toBeUndefined();
  });

  test.each([
    ['reset', false],
    ['acceptThenReset', true],
    ['truncated', true],
  ] as const)('%s breaks the answer; accepted: %s', async (answer, accepted) => {
    await start({ rcs: 'offline', create: answer });
    expect(await outcome(bench.create())).toBe('broken');
    expect(truth().acceptedAt !== undefined).toBe(accepted);
    expect(truth().creates[0]).toMatchObject({
      answer: answer === 'truncated' ? answer : 'reset',
      tookEffect: accepted,
    });
  });

  test.each([
    ['hang', false],
    ['acceptThenHang', true],
  ] as const)('%s never answers; accepted: %s', async (answer, accepted) => {
    await start({ rcs: 'offline', create: answer });
    await bench.authorization();
    expect(await outcome(bench.create({ signal: AbortSignal.timeout(100) }))).toBe('broken');
    expect(truth().acceptedAt !== undefined).toBe(accepted);
  });

  test('a slow answer takes effect at once, so the phone may have the message before the caller is answered', async () => {
    await start({ deliverAfter: 0, create: { delay: '300ms' } });
    expect((await bench.create()).status).toBe(200);
    const { shownAt = 0, creates } = truth();
    expect(shownAt).toBeLessThan(creates[0]?.answeredAt ?? 0);
  });

  test('a call may take effect long after its answer was lost', async () => {
    await start({ rcs: 'offline', create: { fault: 'reset', takesEffect: true, effectDelay: '100ms' } });
    expect(await outcome(bench.create())).toBe('broken');
    expect(truth().acceptedAt).toBeUndefined();
    await expect.poll(() => truth().acceptedAt).toBeDefined();
  });

  test('revokeThenReset revokes, and the repeated DELETE finds nothing to revoke', async () => {
    await start({ rcs: 'offline', delete: ['revokeThenReset', 'ok'] });
    await bench.create();
    expect(await outcome(bench.revoke())).toBe('broken');
    expect((await bench.revoke()).status).toBe(404);
    expect(truth()).toMatchObject({ rcs: 0, revokedBy: 'delete' });
  });

  test('a scripted 404 to a DELETE leaves the message queued, and a scripted 200 is answered in any case', async () => {
    await start({ rcs: 'offline', delete: [404, 200] });
    await bench.create();
    expect((await bench.revoke()).status).toBe(404);
    expect(truth().revokedAt).toBeUndefined();
    bench.simulator.bringOnline(PHONE);
    expect((await bench.revoke()).status).toBe(200);
    expect(truth()).toMatchObject({ rcs: 1, deletes: [{ tookEffect: false }, { tookEffect: false }] });
  });

  test.each([200, 404] as const)(
    'a DELETE races with delivery: %i, the phone has it, DELIVERED comes after',
    async (status) => {
      await start({ rcs: 'offline', deliverWhileRevoking: { answer: status, deliveredAfter: '100ms' } });
      await bench.create();
      expect((await bench.revoke()).status).toBe(status);
      expect(truth()).toMatchObject({ rcs: 1 });
      expect(truth().revokedAt).toBeUndefined();
      expect(eventTypes(bench.receiver)).toEqual([]);
      await expect.poll(() => eventTypes(bench.receiver)).toEqual(['DELIVERED']);
    },
  );

  test('scripting a phone again restarts its lists of answers', async () => {
    await start({ create: 503 });
    expect((await bench.create()).status).toBe(503);
    bench.simulator.script(PHONE, 'offline');
    expect((await bench.create()).status).toBe(200);
  });
});

test('stop ends hanging calls and slow answers', async () => {
  await start({ rcs: 'offline', create: ['hang', { delay: '600s' }] });
  await bench.authorization();
  const calls = [outcome(bench.create()), outcome(bench.create())];
  await expect.poll(() => truth().creates.length).toBe(2);
  await bench.simulator.stop();
  expect(await Promise.all(calls)).toEqual(['broken', 'broken']);
});

test('a behaviour with an unknown value is refused', async () => {
  bench = await createBench();
  expect(() => PhoneBehaviour.parse({ create: ['acceptedThenReset'] })).toThrow();
  expect(() => PhoneBehaviour.parse({ rcs: 'deliver', deliver: 'never' })).toThrow();
  expect(() => {
    bench.simulator.script(PHONE, { deliverAfter: 'soon' });
  }).toThrow();
});

test('every preset and every phone of the demo is a valid behaviour', async () => {
  bench = await createBench();
  for (const behaviour of Object.values(presets)) expect(() => PhoneBehaviour.parse(behaviour)).not.toThrow();
  expect(Object.keys(demoPhones)).toHaveLength(7);
  for (const { behaviour } of Object.values(demoPhones)) expect(() => PhoneBehaviour.parse(behaviour)).not.toThrow();
});
