import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRunHistories } from '../../src/temporal/run-histories.js';
import { signalFates } from '../../src/temporal/signal-fates.js';
import {
  answered,
  awaited,
  claimed,
  eventsOf,
  sealedBy,
  startEncryptedRig,
  type EncryptedRig,
} from '../workflows/encrypted-rig.js';
import { WAIT } from '../support/wait.js';
import { event } from '../workflows/rig.js';

let rig: EncryptedRig;
beforeAll(async () => {
  rig = await startEncryptedRig();
});
afterAll(() => rig.stop());

const OTHER = '+15550100002';
const sealed = (eventId: string, keyId = 'later') => sealedBy(keyId, { ...event(eventId), from: OTHER });
const clear = (eventId: string) => defaultPayloadConverter.toPayload({ ...event(eventId), from: OTHER });
type Place = ReturnType<EncryptedRig['place']>;

/** The name and the fate of each signal that the delivery has had, in order. */
async function fatesOf({ workflowId }: Place) {
  const { events = [] } = await rig.clientWith().workflow.getHandle(workflowId).fetchHistory();
  const fates = signalFates(events ?? []);
  return (events ?? []).flatMap((signal) => {
    const fate = fates.get(signal);
    return fate === undefined ? [] : [[signal.workflowExecutionSignaledEventAttributes?.signalName, fate]];
  });
}

/** The event ids of the signals that a worker with these keys finds when it looks back. */
async function foundBy(keys: readonly string[], { workflowId }: Place, encryptionRequired = false) {
  const client = rig.clientWith(...keys);
  const { runId } = await client.workflow.getHandle(workflowId).describe();
  const events = await createRunHistories({ client, encryptionRequired }).read({ workflowId, runId });
  return events.flatMap((one) => (one.kind === 'signal' ? [one.payload.eventId] : []));
}

test('signals of several kinds before the first task have their own fates', async () => {
  const at = rig.place(rig.clientWith('current'));
  const handle = await at.start();
  await rig.signalRaw(at, await sealed('one'), 'optedOut');
  await handle.signal('read', { ...event('two'), from: OTHER });
  await rig.signalRaw(at, await sealed('three'), 'unknownSignal');
  await rig.signalRaw(at, await sealed('four'), 'delivered');
  await handle.signal('read', { ...event('five'), from: OTHER });
  await at.withWorker({ keys: ['current'] }, () => awaited(handle));

  expect(await fatesOf(at)).toEqual([
    ['optedOut', 'setAside'],
    ['read', 'taken'],
    ['delivered', 'setAside'],
    ['read', 'taken'],
  ]);
});

test('what was set aside is not found, and what a key took later is', async () => {
  const at = rig.place(rig.clientWith('current'));
  const handle = await at.start();
  const required = { keys: ['current'], encryptionRequired: true };
  await at.withWorker(required, async () => {
    await awaited(handle);
    await rig.signalRaw(at, clear('in cleartext'));
    await rig.signalRaw(at, await sealed('sealed'));
    await rig.signalRaw(at, claimed(randomBytes(60), 'nobody'));
    await handle.signal('read', { ...event('taken'), from: OTHER });
    await expect.poll(() => fatesOf(at), { timeout: WAIT }).toHaveLength(4);
    await answered(handle, 2);
    await expect
      .poll(async () => (await fatesOf(at)).map(([, fate]) => fate), { timeout: WAIT })
      .not.toContain('unseen');
  });
  expect(await foundBy(['current'], at, true)).toEqual(['taken']);
  // A worker that requires nothing and has the key.
  await at.withWorker({ keys: ['current', 'later'] }, async () => {
    await handle.cancel();
    await rig.clientWith('current', 'later').workflow.getHandle(at.workflowId).result();
  });
  expect((await fatesOf(at)).map(([, fate]) => fate)).toEqual(['taken', 'taken', 'setAside', 'taken']);
  expect(await foundBy(['current', 'later'], at, true)).toEqual(['in cleartext', 'sealed', 'taken']);
  // What counted and can't be read must not count as nothing.
  await expect(foundBy(['current'], at)).rejects.toMatchObject({ problem: 'undecodable' });
  expect(await eventsOf(handle, 'workflowTaskFailed')).toBe(0);
});

test('of what no task has seen, only what a worker could use is found', async () => {
  const at = rig.place(rig.clientWith('current'));
  const handle = await at.start();
  await rig.signalRaw(at, clear('in cleartext'));
  await rig.signalRaw(at, await sealed('sealed'));
  await handle.signal('read', event('usable'));

  expect(await foundBy(['current'], at, true)).toEqual(['usable']);
  expect(await foundBy(['current'], at)).toEqual(['in cleartext', 'usable']);
  expect(await foundBy(['current', 'later'], at)).toEqual(['in cleartext', 'sealed', 'usable']);
});
