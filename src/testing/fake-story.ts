import type { Outcome } from '../contract/status.js';
import { deliveryFrom, type Delivery } from '../domain/delivery.js';
import type { Evidence, Finding } from '../domain/evidence.js';
import { platformExpiry, type Instant } from '../domain/plan.js';

/** RBM has accepted the message at once. */
export function acceptedDelivery(plan: Delivery['plan']): Delivery {
  const accepted = { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true } as const;
  return deliveryFrom(plan, dated([sendStarted(plan), accepted], plan.startedAt));
}

/**
 * The delivery with evidence that leads to this outcome. If nobody asked to revoke the message and it has not expired, an
 * SMS follows because the phone is not reachable by RCS: no other reason has an SMS that early.
 */
export function settledDelivery(before: Delivery, outcome: Outcome, now: Instant): Delivery {
  const { plan, evidence } = before;
  const isRequested = evidence.some(({ kind }) => REQUESTS.includes(kind));
  const isDue = isRequested || now >= before.facts.rcs.expiresAt;
  const unreachable: Finding[] = [
    sendStarted(plan),
    { kind: 'sendAnswered', answer: 'notFound', mayBeQueued: false, reason: '404 NOT_FOUND' },
  ];
  const revoked: Finding[] = [{ kind: 'revokeStarted' }, { kind: 'revokeAnswered', answer: 'revoked' }];
  const after = (found: readonly Finding[]) => deliveryFrom(plan, [...evidence, ...dated(found, now)]);
  const withoutRcs = (found: readonly Finding[]) =>
    isDue ? after([...revoked, ...found]) : deliveryFrom(plan, dated([...unreachable, ...found], now));

  switch (outcome) {
    case 'DELIVERED':
      return after([{ kind: 'delivered', ...event(now) }]);
    case 'DELIVERED_BY_SMS':
      return withoutRcs([...SMS_ACCEPTED, { kind: 'smsStatus', status: 'DELIVERED', ...event(now) }]);
    case 'SENT_BY_SMS':
      return withoutRcs(SMS_ACCEPTED);
    case 'UNDELIVERABLE':
      return withoutRcs(plan.input.fallback === undefined ? [] : SMS_REFUSED);
    case 'REVOKED':
      return after([...(isDue ? [] : REVOKE_NOW), ...revoked]);
    case 'CANCELLED':
      return after([...(isRequested ? [] : CANCEL), ...revoked]);
    case 'UNCERTAIN':
      return after([...(isDue ? [] : REVOKE_NOW), { kind: 'revokeStarted' }, UNANSWERED]);
    case 'SUPPRESSED':
      return deliveryFrom(
        plan,
        dated([sendStarted(plan), { kind: 'sendAnswered', answer: 'suppressed', mayBeQueued: false }], now),
      );
  }
}

/** A message is revoked before its expiry only on request. */
const REVOKE_NOW: readonly Finding[] = [{ kind: 'revokeRequested', reason: 'by the fake', fallback: 'none' }];
const CANCEL: readonly Finding[] = [{ kind: 'cancelRequested' }];
const UNANSWERED: Finding = { kind: 'revokeAnswered', answer: 'unanswered' };
const REQUESTS: readonly string[] = ['revokeRequested', 'cancelRequested'];

const PROVIDER = { provider: 'fake', providerMessageId: 'fake-sms' } as const;
const SMS_ACCEPTED: readonly Finding[] = [
  { kind: 'smsRequested' },
  { kind: 'smsAnswered', answer: 'accepted', ...PROVIDER },
];
const SMS_REFUSED: readonly Finding[] = [
  { kind: 'smsRequested' },
  { kind: 'smsAnswered', answer: 'refused', provider: PROVIDER.provider, smsReason: 'recipient' },
];

const event = (now: Instant) => ({ eventId: 'fake-event', sendTime: new Date(now).toISOString() });

const sendStarted = (plan: Delivery['plan']): Finding => ({
  kind: 'sendStarted',
  how: plan.startsLocally ? 'local' : 'normal',
  platformExpiresAt: platformExpiry(plan, plan.expiresAt),
});

const dated = (found: readonly Finding[], at: Instant): Evidence[] => found.map((one) => ({ at, ...one }));
