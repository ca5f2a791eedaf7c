import { workflowIdFor } from '../contract/ids.js';
import { isLate, type DeliveryStatus, type SmsSummary } from '../contract/status.js';
import { END_REASON_WORDS, FALLBACK_REASON_WORDS, nextPhrase } from '../contract/words.js';
import type { PendingRequest } from '../temporal/pending-requests.js';
import { clock, duration, relativeTime, timeWithDistance, wholeTime } from './format.js';
import { pendingLine } from './pending-view.js';

/** Undefined: the fact does not apply. */
export type Fact = readonly [name: string, value: string | undefined];

export interface FactsOptions {
  readonly status: DeliveryStatus;
  readonly pending: readonly PendingRequest[];
  /** The workflow is closed without an outcome, so what it had planned never happens. */
  readonly closedAs: string | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What an operator may be asked on the phone, in the order in which it is asked. */
export function factsOf({ status, pending, closedAs, now }: FactsOptions): Fact[] {
  const { messageTrafficType, campaignId, startTime, outcome, channel, duplicate, reason, revocation } = status;
  return [
    ['delivery', workflowIdFor(status)],
    ['traffic', messageTrafficType ?? 'no traffic type'],
    ['campaign', campaignId],
    ['started', timeWithDistance(startTime, now)],
    expiryFact(status, now),
    ['settled', settledText(status, now)],
    ['channel', channel ?? (outcome === null ? undefined : 'none')],
    ['RCS', reason && END_REASON_WORDS[reason]],
    ['revocation', revocation && REVOCATION_WORDS[revocation]],
    ['RBM', platformText(status, now)],
    ...(status.sms === undefined ? [] : smsFacts(status.sms, now)),
    ['SMS', closedAs === undefined ? smsFollowsText(status) : undefined],
    ['duplicate', outcome === null && duplicate ? 'yes: the person got, or may have got, both messages' : undefined],
    ...pending.map((request): Fact => ['trying', pendingLine(request, now)]),
    ['next', closedAs === undefined ? nextText(status, now) : undefined],
  ];
}

const REVOCATION_WORDS = { confirmed: 'confirmed', unconfirmed: 'not confirmed' } as const;

/** After the outcome nothing expires any more. */
function expiryFact({ expireTime, outcome }: DeliveryStatus, now: number): Fact {
  if (outcome !== null) return ['expiry', wholeTime(expireTime)];
  return [Date.parse(expireTime) <= now ? 'expired' : 'expires', timeWithDistance(expireTime, now)];
}

function settledText({ settledTime, startTime }: DeliveryStatus, now: number): string | undefined {
  if (settledTime === undefined) return undefined;
  const took = Math.max(1_000, Date.parse(settledTime) - Date.parse(startTime));
  const ago = relativeTime(Date.parse(settledTime) - now);
  return `${wholeTime(settledTime)} (${ago}, ${duration(took)} after the start)`;
}

/** RBM's own revocation. That its time is over is no proof that RBM has revoked the message: an event says so. */
function platformText({ platformExpireTime, timeline }: DeliveryStatus, now: number): string | undefined {
  if (platformExpireTime === undefined) return undefined;
  const at = clock(platformExpireTime, now);
  if (Date.parse(platformExpireTime) > now) {
    return `will revoke it by itself at ${at} (${relativeTime(Date.parse(platformExpireTime) - now)})`;
  }
  const said = (event: string) => timeline.some((entry) => entry.event === event);
  if (said('ttlExpirationRevoked')) return 'has revoked it by itself';
  if (said('ttlExpirationRevokeFailed')) return `could not revoke it by itself at ${at}`;
  return `should have revoked it by itself at ${at}, but has not confirmed it`;
}

function smsFollowsText({ smsFollows, smsNeedsConfirmation, phase }: DeliveryStatus): string | undefined {
  if (smsFollows === undefined) return undefined;
  if (!smsFollows) return 'none follows';
  if (smsNeedsConfirmation !== true) return 'follows if the message is not delivered';
  return phase === 'SENDING'
    ? 'follows only after a confirmed revocation, or if RBM surely never had the message'
    : 'follows only after a confirmed revocation';
}

const smsFacts = (sms: SmsSummary, now: number): Fact[] => [
  ['SMS', smsText(sms, now)],
  ['because', sms.reason && FALLBACK_REASON_WORDS[sms.reason]],
  ['receipt', sms.receipt && RECEIPT_WORDS[sms.receipt]],
];

const RECEIPT_WORDS = {
  SENT: 'SENT: it is on its way',
  DELIVERED: 'DELIVERED: it arrived',
  UNDELIVERED: 'UNDELIVERED: it did not arrive',
} as const;

/** `requested at 00:15:12Z, 1.5s late; accepted by http as sms-1` */
function smsText({ requestedTime, lateness, accepted, provider, providerMessageId }: SmsSummary, now: number): string {
  const late = isLate(lateness) ? `, ${lateness} late` : '';
  const by = provider === undefined ? '' : ` by ${provider}`;
  const as = providerMessageId === undefined ? '' : ` as ${providerMessageId}`;
  return `requested at ${clock(requestedTime, now)}${late}; ${ACCEPTED[accepted]}${by}${as}`;
}

const ACCEPTED = { yes: 'accepted', no: 'not accepted', unknown: 'no clear answer yet' } as const;

/** Longer than a worker with a backlog takes as a rule. Milliseconds. */
const OVERDUE_MS = 5_000;

/** A step that is overdue waits for a worker: its time is no announcement any more. */
function nextText(status: DeliveryStatus, now: number): string | undefined {
  const { next } = status;
  if (next === null) return undefined;
  const distance = Date.parse(next.time) - now;
  const phrase = nextPhrase(status, (time) => {
    const alone = next.givesUp === undefined && next.attempt === undefined && distance >= 0;
    return alone ? `${clock(time, now)} (${relativeTime(distance)})` : clock(time, now);
  });
  return distance < -OVERDUE_MS ? `${phrase ?? ''}: ${duration(-distance)} overdue, the workers are late` : phrase;
}
