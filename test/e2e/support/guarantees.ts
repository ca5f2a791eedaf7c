import { expect } from 'vitest';
import { agrees } from '../../../dev/demo/verdict.js';
import type { MessageTruth } from '../../../dev/simulator/truth.js';
import type { MessageDeliveryResult } from '../../../src/contract/status.js';

export interface Ended {
  readonly input: Readonly<Record<string, unknown>>;
  readonly result: MessageDeliveryResult;
  readonly truth: MessageTruth;
}

const PROOFS = ['delivered', 'read', 'replied'];
/** Events after which a message may be revoked before its expiry. */
const EARLY = [
  'notAcceptedInTime',
  'optedOut',
  'revokeRequested',
  'cancelRequested',
  'ttlExpirationRevoked',
  'ttlExpirationRevokeFailed',
];
const NEVER_TAKEN = [400, 401, 403, 404, 429];

/** Expects what must hold for every delivery, whatever its outcome. */
export function expectGuarantees({ input, result, truth }: Ended): void {
  const events = result.timeline.map(({ event }) => event);
  const context = JSON.stringify({ result, truth }, null, 1);
  const must = (holds: boolean, what: string) => {
    expect(holds, `${what}: ${context}`).toBe(true);
  };
  must(result.messageId === input['messageId'], 'the result names the message');
  must(truth.sms <= 1, 'G2: at most one SMS is accepted');
  must(truth.rcs <= 1, 'at most one RCS message is shown');

  const sms = events.indexOf('smsRequested');
  const proof = events.findIndex((event) => PROOFS.includes(event));
  must(sms === -1 || proof === -1 || proof > sms, 'G3: no SMS once delivery is proved');
  must(truth.smsRequests.length === 0 || sms !== -1, 'the timeline shows every SMS');

  const neverTaken = truth.creates.every(
    ({ answer, tookEffect }) => !tookEffect && typeof answer === 'number' && NEVER_TAKEN.includes(answer),
  );
  // A reset run may see an answer of the run before late, and dates it so.
  const { firstDeleteAt = Infinity, smsRequestedAt = Infinity } = truth;
  const revoked =
    firstDeleteAt < smsRequestedAt || events.slice(0, Math.max(sms, 0)).some((event) => REVOCATION.includes(event));
  must(sms === -1 || neverTaken || revoked, 'G4: no SMS before a revocation was attempted');

  const early = events.some((event) => EARLY.includes(event)) || refusedInTheEnd(result);
  must(early || firstDeleteAt >= Date.parse(result.expireTime), 'no DELETE before the expiry');
  must(early || neverTaken || smsRequestedAt >= Date.parse(result.expireTime), 'no SMS before the expiry');
}
const REVOCATION = ['revokeAnswered', 'ttlExpirationRevoked'];

function refusedInTheEnd({ timeline }: MessageDeliveryResult): boolean {
  const last = timeline.findLast(({ event }) => event === 'sendAnswered');
  return /^(?:refused|notFound|denied)/.test(last?.detail ?? '');
}

/** Expects that the outcome is exactly what the phone got. Holds only if no event was lost or late. */
export function expectTruthful({ result, truth }: Pick<Ended, 'result' | 'truth'>): void {
  expect(agrees(result, truth), JSON.stringify({ result, truth }, null, 1)).toBe(true);
}
