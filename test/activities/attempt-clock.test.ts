import type { Info } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.js';
import type { SendRcsInput } from '../../src/activities/message-activities.js';
import type { RbmClient } from '../../src/rbm/rbm-client.js';
import { RbmError } from '../../src/rbm/rbm-error.js';

const HOUR = 3_600_000;
const ASKED = Date.parse('2026-01-02T03:04:05Z');
const input: SendRcsInput = {
  agentId: 'acme',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'x' },
  messageTrafficType: 'TRANSACTION',
  expireTime: '2026-01-02T03:15:05Z',
  revokeTime: '2026-01-02T03:14:05Z',
  timeoutMs: 5_000,
  mayBeQueued: false,
};
const at = (ms: number) => new Date(ASKED + ms).toISOString();

interface Attempt {
  /** How far the worker's wall clock is off. Milliseconds. */
  readonly off: number;
  readonly info?: Partial<Info>;
  /** Whether the workflow says when it asked. Default: true. */
  readonly isTimed?: boolean;
  readonly changes?: Partial<SendRcsInput>;
  readonly error?: RbmError;
}

/** One attempt on a worker whose wall clock is off. RBM answers after 1.5 s. */
async function attempt({ off, info = { isLocal: true }, isTimed = true, changes = {}, error }: Attempt) {
  let passed = 0;
  let asked = 0;
  const answer: RbmClient['createAgentMessage'] = () => {
    asked += 1;
    passed += 1_500;
    return error === undefined ? Promise.resolve({ acceptedEarlier: false }) : Promise.reject(error);
  };
  const activities = createActivities({
    rbm: { createAgentMessage: answer, deleteAgentMessage: () => Promise.resolve() },
    now: () => ASKED + off + passed,
    // Begins anywhere, as a monotonic clock does.
    clock: () => 77_000.25 + passed,
  });
  const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
  const given = { ...input, ...(isTimed && { askedAt: ASKED }), ...changes };
  const end = await environment
    .run(async () => activities.sendRcs(given))
    .catch((failure: unknown) => {
      const { type, details } = failure as ApplicationFailure;
      return { type, ...(details?.[0] as { answeredTime: string }) };
    });
  return { end, asked };
}

describe.each([
  ['right', 0],
  ['an hour ahead', HOUR],
  ['an hour behind', -HOUR],
])('a local attempt on a worker whose clock is %s', (_, off) => {
  test('reports when RBM answered, by the time at which it was asked', async () => {
    expect((await attempt({ off })).end).toEqual({ acceptedEarlier: false, answeredTime: at(1_500) });
  });

  test('reports so when RBM refused, too', async () => {
    const error = new RbmError({ kind: 'notFound', message: 'RBM answered 404', httpStatus: 404 });
    expect((await attempt({ off, error })).end).toMatchObject({ type: 'RbmNotFound', answeredTime: at(1_500) });
  });

  test('sends nothing once the revocation is due', async () => {
    const { end, asked } = await attempt({ off, changes: { revokeTime: at(0) } });
    expect(end).toMatchObject({ type: 'RbmNotSent', answeredTime: at(0), mayBeQueued: false });
    expect(asked).toBe(0);
  });

  test('sends until then', async () => {
    expect((await attempt({ off, changes: { revokeTime: at(1) } })).asked).toBe(1);
  });
});

test.each<[string, Partial<Attempt>]>([
  ['a normal activity, which may have waited long', { info: { isLocal: false } }],
  ['a workflow that gives no time', { isTimed: false }],
])("the worker's own clock counts for %s", async (_, given) => {
  const { end, asked } = await attempt({ off: HOUR, ...given });
  expect(end).toMatchObject({ type: 'RbmNotSent', answeredTime: at(HOUR) });
  expect(asked).toBe(0);
  expect((await attempt({ off: 0, ...given })).end).toMatchObject({ answeredTime: at(1_500) });
});
