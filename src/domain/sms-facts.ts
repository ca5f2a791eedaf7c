import { SECOND } from '../contract/duration.js';
import type { Evidence, SmsAnswered, SmsReceipt, SmsReconciled } from './evidence.js';
import type { Instant } from './plan.js';

/** What is known of the SMS. The order of the evidence is already accounted for. */
export interface Sms {
  /** The action that is under way, and since when. */
  readonly underWay: { readonly action: 'request' | 'reconciliation'; readonly since: Instant } | undefined;
  readonly stopRequested: boolean;
  /** When the SMS was first requested, which starts the SMS leg. */
  readonly requestedAt: Instant | undefined;
  readonly lastRequestedAt: Instant | undefined;
  readonly answers: number;
  readonly lastAnswer: Answered | undefined;
  readonly accepted: boolean;
  /** Providers that surely sent nothing. They are not asked again before every other one was. */
  readonly notBy: readonly string[];
  /** Another provider is to be asked at once. */
  readonly nextProvider: boolean;
  /** How often in a row a provider answered that there were too many requests. */
  readonly throttled: number;
  /** The last request without an answer, and what the provider said about it. */
  readonly unanswered: Unanswered | undefined;
  /** When the last request or reconciliation ended. */
  readonly heardAt: Instant | undefined;
  /** The provider of the last request or reconciliation that names one, and its id of the SMS. */
  readonly source: { readonly provider: string; readonly providerMessageId?: string } | undefined;
  /** The statuses of the receipts. The first request clears them: a receipt from before can't be about it. */
  readonly receipts: readonly SmsReceipt[];
  readonly deliveredAt: Instant | undefined;
  /** When the first UNDELIVERED came that a DELIVERED may still correct. */
  readonly undeliveredAt: Instant | undefined;
}

/** A request that may have sent the SMS. */
export interface Unanswered {
  readonly at: Instant;
  readonly provider: string | undefined;
  /** Whether the idempotency key makes a repeat harmless; undefined if that is not known. */
  readonly repeatable: boolean | undefined;
  /** When the provider was first asked about it. */
  readonly askedAt: Instant | undefined;
  readonly reconciliations: number;
  readonly lastReconciledAt: Instant | undefined;
  /** How often the provider said that it has no such SMS. */
  readonly foundNothing: number;
  readonly saidRepeatable: boolean;
  /** The one provider that may repeat the request, once the others have proved that they sent nothing. */
  readonly repeatableBy: string | undefined;
}

export const initialSms: Sms = {
  underWay: undefined,
  stopRequested: false,
  requestedAt: undefined,
  lastRequestedAt: undefined,
  answers: 0,
  lastAnswer: undefined,
  accepted: false,
  notBy: [],
  nextProvider: false,
  throttled: 0,
  unanswered: undefined,
  heardAt: undefined,
  source: undefined,
  receipts: [],
  deliveredAt: undefined,
  undeliveredAt: undefined,
};

/** The facts after one more piece of evidence. Evidence about the RCS leg changes nothing. */
export function evolveSms(sms: Sms, item: Evidence): Sms {
  switch (item.kind) {
    case 'smsRequested':
      return requested(sms, item.at);
    case 'smsStopRequested':
      return { ...sms, stopRequested: true };
    case 'smsAnswered':
      return answered(sms, withProvider(item, sms.unanswered));
    case 'smsReconciliationStarted':
      return asked(sms, item.at);
    case 'smsReconciled':
      return reconciled(sms, item);
    case 'smsStatus':
      return {
        ...foundUnread(sms),
        receipts: [...sms.receipts, item.status],
        deliveredAt: sms.deliveredAt ?? (item.status === 'DELIVERED' ? item.at : undefined),
        undeliveredAt: sms.undeliveredAt ?? (item.mayBeCorrected === true ? item.at : undefined),
      };
    case 'sendAnswered':
      return item.sentByAnotherRun === true ? maybeByAnotherRun(sms, item.at) : sms;
    case 'lookedBack':
      return item.found === 'unreadable' ? unreadable(sms, item.at) : sms;
    case 'resetNoticed':
    case 'lookBackStarted':
    case 'sendStarted':
    case 'sendStopRequested':
    case 'mayHaveBeenSent':
    case 'revokeStarted':
    case 'revokeAnswered':
    case 'delivered':
    case 'read':
    case 'replied':
    case 'ttlExpirationRevoked':
    case 'ttlExpirationRevokeFailed':
    case 'revokeRequested':
    case 'cancelRequested':
    case 'expiryChanged':
    case 'notAcceptedInTime':
    case 'otherSender':
    case 'optedOut':
    case 'wokeLate':
      return sms;
  }
}

function requested(sms: Sms, at: Instant): Sms {
  const underWay = { action: 'request', since: at } as const;
  if (sms.requestedAt !== undefined) return { ...sms, underWay, lastRequestedAt: at };
  const noReceipt = { receipts: [], deliveredAt: undefined, undeliveredAt: undefined };
  return { ...sms, underWay, requestedAt: at, lastRequestedAt: at, ...noReceipt };
}

type Answered = SmsAnswered & { readonly at: Instant };

function answered(sms: Sms, item: Answered): Sms {
  const { answer, at, repeatable, provider } = item;
  return {
    ...sms,
    ...providersLeft(sms, item),
    underWay: undefined,
    answers: sms.answers + 1,
    lastAnswer: item,
    accepted: sms.accepted || answer === 'accepted',
    unanswered: answer === 'unanswered' ? newlyUnanswered({ at, repeatable, provider }) : sms.unanswered,
    heardAt: at,
    source: sourceOf(item) ?? sms.source,
  };
}

/**
 * A worker that crashed has not said which provider it asked, nor does a request that a reset cut off. While an earlier
 * request is in doubt, only its provider may have been asked again.
 */
function withProvider(item: Answered, before: Unanswered | undefined): Answered {
  if (item.answer !== 'unanswered' || item.provider !== undefined || before === undefined) return item;
  // It was proved that the earlier request had sent nothing: any provider may have been asked.
  if (before.foundNothing > 0 && before.repeatableBy === undefined) return item;
  const provider = before.provider ?? before.repeatableBy;
  return provider === undefined ? item : { ...item, provider };
}

/** Too many requests: another provider is asked after this many such answers, or if the wait would be longer than this. */
const THROTTLED_UNTIL_NEXT = 3;
const LONGEST_RETRY_AFTER = 5 * SECOND;

/** G2: only a provider that surely sent nothing is left for another one. After the last one, the first is asked again. */
function providersLeft(sms: Sms, item: SmsAnswered): Pick<Sms, 'notBy' | 'nextProvider' | 'throttled'> {
  const { answer, provider, smsReason, otherProvider = false, retryAfter = 0 } = item;
  if (answer !== 'notSent' || provider === undefined)
    return { notBy: sms.notBy, nextProvider: false, throttled: sms.throttled };
  const throttled = smsReason === 'throttled' ? sms.throttled + 1 : 0;
  const isPatient = throttled > 0 && throttled < THROTTLED_UNTIL_NEXT && retryAfter <= LONGEST_RETRY_AFTER;
  if (otherProvider && isPatient) return { notBy: sms.notBy, nextProvider: false, throttled };
  if (otherProvider) return { notBy: [...sms.notBy, provider], nextProvider: true, throttled: 0 };
  return { notBy: [], nextProvider: false, throttled: 0 };
}

/** The run before may have sent the SMS, and no idempotency key makes a repeat harmless: its provider is not known. */
const unreadable = (sms: Sms, at: Instant): Sms => ({
  ...sms,
  unanswered: newlyUnanswered({ at, repeatable: false, provider: undefined }),
});

/** Another run may have sent the SMS. Whether an idempotency key makes a repeat harmless is asked of the provider. */
const maybeByAnotherRun = (sms: Sms, at: Instant): Sms =>
  sms.requestedAt !== undefined || sms.unanswered !== undefined
    ? sms
    : { ...sms, unanswered: newlyUnanswered({ at, repeatable: undefined, provider: undefined }) };

/** It turns out that the run before, which can't be read, has sent the SMS. */
const foundUnread = (sms: Sms): Sms =>
  sms.requestedAt === undefined && sms.unanswered !== undefined ? { ...sms, requestedAt: sms.unanswered.at } : sms;

const newlyUnanswered = (request: Pick<Unanswered, 'at' | 'repeatable' | 'provider'>): Unanswered => ({
  ...request,
  askedAt: undefined,
  reconciliations: 0,
  lastReconciledAt: undefined,
  foundNothing: 0,
  saidRepeatable: false,
  repeatableBy: undefined,
});

const asked = (sms: Sms, at: Instant): Sms => ({
  ...sms,
  underWay: { action: 'reconciliation', since: at },
  unanswered: sms.unanswered && { ...sms.unanswered, askedAt: sms.unanswered.askedAt ?? at },
});

function reconciled(sms: Sms, item: SmsReconciled & { readonly at: Instant }): Sms {
  const { found, at } = item;
  const { unanswered } = sms;
  return {
    ...(found === 'yes' ? foundUnread(sms) : sms),
    underWay: undefined,
    accepted: sms.accepted || found === 'yes',
    heardAt: at,
    source: sourceOf(item) ?? sms.source,
    unanswered: unanswered && {
      ...unanswered,
      reconciliations: unanswered.reconciliations + 1,
      lastReconciledAt: at,
      foundNothing: unanswered.foundNothing + (found === 'no' ? 1 : 0),
      saidRepeatable: unanswered.saidRepeatable || found === 'repeatable',
      repeatableBy: item.repeatableBy ?? unanswered.repeatableBy,
    },
  };
}

function sourceOf({ provider, providerMessageId }: SmsAnswered | SmsReconciled): Sms['source'] {
  if (provider === undefined) return undefined;
  return { provider, ...(providerMessageId !== undefined && providerMessageId !== '' && { providerMessageId }) };
}
