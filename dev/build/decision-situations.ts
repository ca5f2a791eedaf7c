import { SECOND } from '../../src/contract/duration.js';
import type { Finding } from '../../src/domain/evidence.js';
import type { Instant } from '../../src/domain/plan.js';

/** Times are seconds after the expiry; the send was at -60 s. */
type Known = readonly [at: number, ...findings: Finding[]];

export interface Situation {
  /** Default: agent. */
  readonly strategy?: 'platform';
  /** The table's first column: what is known. */
  readonly known: string;
  readonly evidence: readonly Known[];
  /** Seconds after the expiry at which it is decided. */
  readonly now: number;
}

export const EXPIRY: Instant = Date.UTC(2026, 0, 1);
export const START = EXPIRY - 60 * SECOND;
const send = { kind: 'sendStarted', how: 'local', platformExpiresAt: EXPIRY + 60 * SECOND } as const;
const sent = (
  answer: 'accepted' | 'notFound' | 'refused' | 'denied' | 'failed' | 'suppressed',
  mayBeQueued: boolean,
): Known[] => [
  [-60, send],
  [-60, { kind: 'sendAnswered', answer, mayBeQueued }],
];
const accepted = sent('accepted', true);
const byPlatform: Known[] = [[-60, { ...send, platformExpiresAt: EXPIRY }], ...accepted.slice(1)];
const event = (
  kind: 'delivered' | 'read' | 'replied' | 'ttlExpirationRevoked' | 'ttlExpirationRevokeFailed',
): Finding => ({
  kind,
  eventId: kind,
  sendTime: '',
});
type RevokeSaid = 'revoked' | 'notFound' | 'refused' | 'failed' | 'unanswered';
const revoked = (at: number, answer: RevokeSaid): Known => [
  at,
  { kind: 'revokeStarted' },
  { kind: 'revokeAnswered', answer },
];
const sms = (
  at: number,
  answer: 'accepted' | 'refused' | 'notSent' | 'notStarted' | 'unanswered',
  more: { readonly provider?: string; readonly otherProvider?: boolean } = {},
): Known => [at, { kind: 'smsRequested' }, { kind: 'smsAnswered', answer, ...more }];
const back: Known[] = [...accepted, revoked(0, 'revoked')];
const receipt = (status: 'DELIVERED' | 'UNDELIVERED') =>
  ({ kind: 'smsStatus', status, eventId: 's', sendTime: '' }) as const satisfies Finding;
const undelivered: Finding = { ...receipt('UNDELIVERED'), mayBeCorrected: true };

/** The rows of docs/decision-table.md. */
export const SITUATIONS: readonly Situation[] = [
  { known: 'nothing yet', evidence: [], now: -60 },
  { known: 'create is under way', evidence: [[-60, send]], now: -60 },
  { known: 'create 2xx or 409', evidence: accepted, now: -60 },
  { known: 'create 404: not reachable by RCS', evidence: sent('notFound', false), now: -60 },
  { known: 'create 400', evidence: sent('refused', false), now: -60 },
  { known: 'create 403, the first', evidence: sent('denied', false), now: -59 },
  { known: 'create 403, the fourth', evidence: [1, 2, 3, 4].flatMap(() => sent('denied', false)), now: -50 },
  { known: 'create 429, 5xx or unanswered', evidence: sent('failed', true), now: -59 },
  {
    known: 'create 404 after an unanswered attempt',
    evidence: [...sent('failed', true), ...sent('notFound', false)],
    now: -59,
  },
  { known: 'DELIVERED, READ or a reply', evidence: [...accepted, [-30, event('delivered')]], now: -30 },
  { known: 'READ alone', evidence: [...accepted, [-30, event('read')]], now: -30 },
  { known: 'accepted; expiry', evidence: accepted, now: 0 },
  { known: 'every create answered 429, none accepted; expiry', evidence: sent('failed', false), now: 0 },
  { known: 'create never answered; expiry', evidence: sent('failed', true), now: 0 },
  { known: 'every create answered 429 for 20 s', evidence: sent('failed', false), now: -40 },
  {
    known: 'the same, given up on RBM',
    evidence: [...sent('failed', false), [-40, { kind: 'notAcceptedInTime', due: EXPIRY - 40 * SECOND }]],
    now: -40,
  },
  {
    known: 'create unanswered, given up on RBM',
    evidence: [...sent('failed', true), [-40, { kind: 'notAcceptedInTime', due: EXPIRY - 40 * SECOND }]],
    now: -40,
  },
  { known: 'create not made: the person has opted out', evidence: sent('suppressed', false), now: -59 },
  {
    known: 'accepted, the person opts out',
    evidence: [...accepted, [-30, { kind: 'optedOut', source: 'rbm', sendTime: '' }]],
    now: -30,
  },
  {
    known: 'accepted, DELIVERED from another number',
    evidence: [...accepted, [-30, { kind: 'otherSender', event: 'delivered', eventId: 'd', sendTime: '' }]],
    now: -30,
  },
  { known: 'create still under way; expiry', evidence: [[-60, send]], now: 0 },
  { known: 'TTL_EXPIRATION_REVOKED', evidence: [...accepted, [1, event('ttlExpirationRevoked')]], now: 1 },
  { known: 'TTL_EXPIRATION_REVOKED, grace over', evidence: [...accepted, [1, event('ttlExpirationRevoked')]], now: 6 },
  {
    known: 'TTL_EXPIRATION_REVOKE_FAILED or an unknown TTL_*',
    evidence: [...accepted, [0, event('ttlExpirationRevokeFailed')]],
    now: 0,
  },
  { known: 'the same, grace over', evidence: [...accepted, [0, event('ttlExpirationRevokeFailed')]], now: 5 },
  { known: 'DELETE 200', evidence: back, now: 0 },
  { known: 'DELETE 200, grace over', evidence: back, now: 5 },
  { known: 'DELETE 200, then DELIVERED', evidence: [...back, [3, event('delivered')]], now: 3 },
  {
    known: 'DELETE 200, then TTL_EXPIRATION_REVOKE_FAILED',
    evidence: [...back, [3, event('ttlExpirationRevokeFailed')]],
    now: 5,
  },
  { known: 'first DELETE 404', evidence: [...accepted, revoked(0, 'notFound')], now: 0 },
  { known: 'first DELETE 404, grace over', evidence: [...accepted, revoked(0, 'notFound')], now: 5 },
  {
    known: 'DELETE 429 with Retry-After: 20',
    evidence: [
      ...accepted,
      [0, { kind: 'revokeStarted' }, { kind: 'revokeAnswered', answer: 'refused', retryAfter: 20_000 }],
    ],
    now: 0,
  },
  {
    known: 'DELETE 200, then a create that was under way answers 2xx',
    evidence: [
      [-60, send],
      revoked(10, 'revoked'),
      [11, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }],
    ],
    now: 11,
  },
  { known: 'DELETE 5xx, 429 or unanswered', evidence: [...accepted, revoked(0, 'unanswered')], now: 0 },
  { known: 'DELETE under way, budget over', evidence: [...accepted, [0, { kind: 'revokeStarted' }]], now: 30 },
  {
    known: 'DELETE 404 twice, budget over',
    evidence: [...accepted, revoked(0, 'notFound'), revoked(5, 'notFound')],
    now: 30,
  },
  {
    known: 'DELETE unanswered for an hour',
    evidence: [...accepted, revoked(0, 'unanswered'), revoked(3500, 'unanswered')],
    now: 3600,
  },
  {
    known: 'budget over, but we were down until now',
    evidence: [...accepted, revoked(0, 'unanswered'), [100, { kind: 'wokeLate', due: EXPIRY + 30 * SECOND }]],
    now: 100,
  },
  {
    known: 'DELETE 200, but we were down until now',
    evidence: [...accepted, revoked(100, 'revoked'), [100, { kind: 'wokeLate', due: EXPIRY + 12 * SECOND }]],
    now: 100,
  },
  {
    known: 'strategy `platform`; expiry',
    strategy: 'platform',
    evidence: byPlatform,
    now: 0,
  },
  {
    known: 'strategy `platform`, no TTL event',
    strategy: 'platform',
    evidence: byPlatform,
    now: 15,
  },
  {
    known: 'revokeNow before the first task, which another worker may have begun',
    evidence: [[-60, { kind: 'revokeRequested', reason: '', fallback: 'sms' }, { kind: 'mayHaveBeenSent' }]],
    now: -60,
  },
  { known: 'cancelled', evidence: [...accepted, [-30, { kind: 'cancelRequested' }]], now: -30 },
  {
    known: 'cancelled, DELETE 200, grace over',
    evidence: [...accepted, [-30, { kind: 'cancelRequested' }], revoked(-30, 'revoked')],
    now: -25,
  },
  {
    known: 'revokeNow without fallback, DELETE 200, grace over',
    evidence: [...accepted, [-30, { kind: 'revokeRequested', reason: '', fallback: 'none' }], revoked(-30, 'revoked')],
    now: -25,
  },
  { known: 'SMS request under way', evidence: [...back, [5, { kind: 'smsRequested' }]], now: 5 },
  {
    known: 'SMS request under way, DELIVERED',
    evidence: [...back, [5, { kind: 'smsRequested' }], [6, event('delivered')]],
    now: 6,
  },
  { known: 'SMS accepted', evidence: [...back, sms(5, 'accepted')], now: 5 },
  {
    known: 'SMS accepted, receipt DELIVERED',
    evidence: [...back, sms(5, 'accepted'), [7, receipt('DELIVERED')]],
    now: 7,
  },
  {
    known: 'SMS accepted, receipt UNDELIVERED',
    evidence: [...back, sms(5, 'accepted'), [7, undelivered]],
    now: 7,
  },
  {
    known: 'SMS accepted, receipts UNDELIVERED, then DELIVERED',
    evidence: [...back, sms(5, 'accepted'), [7, undelivered], [8, receipt('DELIVERED')]],
    now: 8,
  },
  {
    known: 'SMS accepted, receipt UNDELIVERED, no other for 10 s',
    evidence: [...back, sms(5, 'accepted'), [7, undelivered]],
    now: 17,
  },
  { known: 'SMS accepted, no receipt for an hour', evidence: [...back, sms(5, 'accepted')], now: 3605 },
  { known: 'SMS accepted, then DELIVERED', evidence: [...back, sms(5, 'accepted'), [9, event('delivered')]], now: 9 },
  { known: 'SMS refused', evidence: [...back, sms(5, 'refused')], now: 5 },
  { known: 'SMS surely not sent (429, no connection)', evidence: [...back, sms(5, 'notSent')], now: 6 },
  {
    known: 'SMS surely not sent (account, connection), and there is another provider',
    evidence: [...back, sms(5, 'notSent', { provider: 'first', otherProvider: true })],
    now: 5,
  },
  { known: 'SMS not sent while it was of use', evidence: [...back, sms(5, 'notSent')], now: 5 + 4 * 3600 },
  {
    known: 'SMS accepted, receipt DELIVERED, the revocation unconfirmed',
    evidence: [...accepted, revoked(0, 'failed'), sms(30, 'accepted'), [32, receipt('DELIVERED')]],
    now: 32,
  },
  {
    known: 'SMS surely not sent, then TTL_EXPIRATION_REVOKE_FAILED',
    evidence: [...back, sms(5, 'notSent'), [6, event('ttlExpirationRevokeFailed')]],
    now: 12,
  },
  { known: 'SMS that no worker began to send', evidence: [...back, sms(15, 'notStarted')], now: 16 },
  { known: 'SMS unanswered', evidence: [...back, sms(5, 'unanswered')], now: 6 },
  { known: 'SMS unanswered, time to ask the provider', evidence: [...back, sms(5, 'unanswered')], now: 65 },
  {
    known: 'SMS unanswered, the provider has it',
    evidence: [...back, sms(5, 'unanswered'), [65, { kind: 'smsReconciled', found: 'yes' }]],
    now: 65,
  },
  {
    known: 'SMS unanswered, the provider has nothing (once)',
    evidence: [...back, sms(5, 'unanswered'), [65, { kind: 'smsReconciled', found: 'no' }]],
    now: 66,
  },
  {
    known: 'SMS unanswered, a repeat is harmless',
    evidence: [...back, sms(5, 'unanswered'), [65, { kind: 'smsReconciled', found: 'repeatable' }]],
    now: 66,
  },
  { known: 'SMS unanswered for an hour', evidence: [...back, sms(5, 'unanswered')], now: 3605 },
];
