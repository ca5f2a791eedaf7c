import { durationToMs } from '../../src/contract/duration.js';
import { OUTCOMES, type MessageDeliveryResult } from '../../src/contract/status.js';
import { STEP } from './clockwork.js';
import type { ActivityFact, MessageFact } from './run-history.js';
import type { Run } from './stage.js';

/** What a check gets: a run's truth and history, and what follows from its input. */
interface View extends Run {
  readonly result: MessageDeliveryResult;
  readonly sends: readonly ActivityFact[];
  readonly revokes: readonly ActivityFact[];
  readonly sms: readonly ActivityFact[];
  readonly whenUncertain: 'send' | 'hold';
  /** Whether an opt-out stops the message. */
  readonly honors: boolean;
  /** When the webhook first acknowledged that the person opted out. Infinity: never. */
  readonly optedOutAt: number;
}

type Check = (view: View) => boolean;

const PROOFS = ['delivered', 'read', 'replied'];
const ms = (duration: string | undefined) => durationToMs(duration ?? '0s');

const named = ({ history }: View, ...names: string[]) => history.messages.filter(({ name }) => names.includes(name));
/** The messages that the workflow task knew when it decided on the activity. */
const known = (messages: readonly MessageFact[], { decidedBy }: ActivityFact) =>
  messages.filter(({ id }) => id < decidedBy.startedId);
const endedBefore = (activities: readonly ActivityFact[], { decidedBy }: ActivityFact) =>
  activities.filter(({ ended }) => ended !== undefined && ended.id < decidedBy.startedId);
const field = (payload: unknown, name: string) => (payload as Readonly<Record<string, string>>)[name];

/** All expiries that applied, in order. */
function expiriesOf(view: View): number[] {
  const { input, history } = view;
  const first = input.ttl === undefined ? Date.parse(input.expireTime ?? '') : history.startedAt + ms(input.ttl);
  return [first, ...named(view, 'changeExpiry').map(({ payload }) => Date.parse(field(payload, 'expireTime') ?? ''))];
}

/**
 * The expiry that the operator asked for, if any workflow task was repeated. A lost attempt may have sent the create call
 * with this expiry, and no event shows an update that came during it.
 */
function lostExpiryOf({ history, expiryAsked }: View): number[] {
  return history.hasRepeatedTask && expiryAsked !== undefined ? [expiryAsked] : [];
}

/** The longest time for which the worker did nothing. In a slow scenario RBM may have kept it waiting before its answer. */
function outageOf({ history: { longestOutage }, scenario }: View): number {
  return scenario.slow ? longestOutage.toStart : longestOutage.toAnswer;
}

/** By when RBM must have accepted the message. Infinity: by its expiry. */
function acceptByOf({ input, history }: View): number {
  const { acceptanceTimeout, messageTrafficType, fallback } = input;
  if (acceptanceTimeout !== undefined) return history.startedAt + ms(acceptanceTimeout);
  if (fallback === undefined || messageTrafficType === 'PROMOTION') return Infinity;
  return history.startedAt + ms(messageTrafficType === 'AUTHENTICATION' ? '20s' : '120s');
}

/** When the revocation was due, as known when `activity` was decided. */
function revocationDueAt(view: View, activity: ActivityFact): number {
  const ttlEvents = ['ttlExpirationRevoked', 'ttlExpirationRevokeFailed'];
  const ends = known(named(view, 'revokeNow', 'cancel', ...ttlEvents, ...(view.honors ? ['optedOut'] : [])), activity);
  // A refused create whose earlier attempt may have queued the message also starts the revocation. Nothing else revokes
  // before the expiry, so the first DELETE shows when that was.
  const firstRevoke = view.revokes[0]?.decidedBy.startedAt ?? Infinity;
  const expiry = expiriesOf(view).at(-1) ?? Infinity;
  const acceptBy = acceptByOf(view);
  const gaveUp = firstRevoke < expiry && firstRevoke >= acceptBy ? [acceptBy] : [];
  return Math.min(expiry, firstRevoke, ...gaveUp, ...ends.map(({ at }) => at));
}

/** When DELETE's 200 or RBM's event confirmed the revocation, as known when the SMS was decided. undefined: never. */
function confirmedAt(view: View, sms: ActivityFact): number | undefined {
  const contradictions = known(named(view, 'ttlExpirationRevokeFailed'), sms);
  const contradicted = Math.max(0, ...contradictions.map(({ id }) => id));
  const deleted = endedBefore(view.revokes, sms).filter(
    ({ ended }) => ended?.how === 'completed' && ended.id > contradicted,
  );
  const events = contradictions.length > 0 ? [] : known(named(view, 'ttlExpirationRevoked'), sms);
  const times = [...deleted.map(({ ended }) => ended?.at ?? 0), ...events.map(({ at }) => at)];
  return times.length === 0 ? undefined : Math.min(...times);
}

/** True if everything that RBM reports about this message is true, under the `new` reading of DELETE. */
function isHonest({ world, scenario: { phone, strays } }: View): boolean {
  const { atExpiry = 'revoke', events, deliverWhileRevoking: race } = phone;
  const script = Array.isArray(phone.delete) ? phone.delete : [phone.delete];
  const saysRevoked =
    events?.ttlEvent === 'afterDelivered' || (events?.ttlEvent === 'revoked' && atExpiry !== 'revoke');
  const strayRevoked = strays.some(({ eventType }) => eventType === 'TTL_EXPIRATION_REVOKED');
  return (
    world.deleteReading === 'new' && !script.includes(200) && race?.answer !== 200 && !saysRevoked && !strayRevoked
  );
}

const everQueued = ({ truth }: View) => truth.acceptedAt !== undefined;

function smsWanted(view: View): boolean {
  const operator = named(view, 'revokeNow').at(-1);
  const refused = operator !== undefined && field(operator.payload, 'fallback') === 'none';
  const stopped = view.honors && (view.scenario.optedOut || named(view, 'optedOut').length > 0);
  return view.input.fallback !== undefined && named(view, 'cancel').length === 0 && !refused && !stopped;
}

/** The proofs of delivery from the recipient's own phone. */
const proofs = (view: View) =>
  named(view, ...PROOFS).filter(
    ({ payload }) => (field(payload, 'from') ?? view.input.recipient) === view.input.recipient,
  );

/** True if the proof of delivery arrived before the last workflow task started. */
const provedInTime = (view: View) => proofs(view).some(({ id }) => id < (view.history.closed?.startedId ?? Infinity));

/** The other guarantees can be checked only if these hold. */
const BASICS: Readonly<Record<string, Check>> = {
  'G1: it settles with exactly one outcome': ({ history, result }) =>
    history.closed?.how === 'completed' && OUTCOMES.includes(result.outcome),

  'no workflow task fails': ({ history }) => history.failedTasks.length === 0,
};

/** Each is checked against what really happened and the history. The workflow's own report is never trusted. */
const GUARANTEES: Readonly<Record<string, Check>> = {
  'G2: at most one SMS is accepted': ({ truth, phone }) =>
    truth.sms <= 1 && phone.filter(({ channel }) => channel === 'SMS').length <= 1,

  'G2: every attempt at the SMS carries the same key and reference': ({ sms, raw }) =>
    sms.every(
      (attempt) =>
        field(attempt.input, 'idempotencyKey') === raw.workflowId &&
        field(attempt.input, 'reference') === raw.workflowId,
    ),

  'G3: no SMS is requested once evidence of delivery has reached the workflow': (view) =>
    view.sms.every((attempt) => known(proofs(view), attempt).length === 0),

  'G4: an attempt to revoke has ended before the SMS, unless RBM never had the message': (view) =>
    !everQueued(view) ||
    view.sms.every(
      (attempt) =>
        endedBefore(view.revokes, attempt).length > 0 || known(named(view, 'ttlExpirationRevoked'), attempt).length > 0,
    ),

  'G4: RBM has received the DELETE before the gateway received the SMS, unless its own event made one unnecessary': (
    view,
  ) => {
    const { deletes, smsRequestedAt } = view.truth;
    if (!everQueued(view) || smsRequestedAt === undefined) return true;
    if (named(view, 'ttlExpirationRevoked').length > 0) return true;
    return (deletes[0]?.at ?? Infinity) <= smsRequestedAt;
  },

  'G5: under `send` the SMS is requested by expiry plus budget': (view) => {
    const [first] = view.sms;
    if (first === undefined || view.whenUncertain === 'hold') return true;
    const deadline = revocationDueAt(view, first) + ms(view.input.revocation?.budget);
    return first.decidedBy.scheduledAt <= deadline + STEP + 2 * outageOf(view);
  },

  'G5: under `send` everybody gets an SMS who is not known to have the message': (view) => {
    if (view.whenUncertain === 'hold' || !smsWanted(view)) return true;
    return provedInTime(view) || view.sms.length > 0;
  },

  'G5: under `send` the SMS does not wait for an RBM that accepts nothing': (view) => {
    const [first] = view.sms;
    if (first === undefined || view.whenUncertain === 'hold' || everQueued(view)) return true;
    const latest = acceptByOf(view) + ms(view.input.revocation?.budget);
    return first.decidedBy.scheduledAt <= latest + STEP + 2 * outageOf(view);
  },

  'G11: after an opt-out is durable, RBM and the SMS providers take nothing that it stops': (view) => {
    if (!view.honors) return true;
    const { creates, smsRequests } = view.truth;
    const taken = [...creates, ...smsRequests].filter(({ tookEffect }) => tookEffect);
    return !view.scenario.optedOut ? taken.every(({ at }) => at <= view.optedOutAt) : taken.length === 0;
  },

  'G11: an opt-out stops no essential message': (view) =>
    view.honors || (view.result.outcome !== 'SUPPRESSED' && view.result.reason !== 'optedOut'),

  'SUPPRESSED: the person had opted out, and gets nothing': ({ result, truth }) =>
    result.outcome !== 'SUPPRESSED' || (truth.acceptedAt === undefined && truth.sms === 0),

  'G12: no SMS is requested when it is of no use any more, and the provider is given the rest of its time': (view) => {
    const [first] = view.sms;
    const validity = ms(view.input.fallback?.sms.validity);
    if (first === undefined) return true;
    // The activity looks at its own clock, which is the server's here.
    return view.truth.smsRequests.every(({ at, validitySeconds = 0 }) => {
      const left = first.scheduledAt + validity - at;
      return left > -STEP && validitySeconds >= 1 && validitySeconds * 1000 <= Math.max(left, 0) + 2 * STEP;
    });
  },

  'an event from another number changes nothing': (view) =>
    view.result.outcome !== 'DELIVERED' || proofs(view).length > 0,

  'G6: under `hold` no SMS without a confirmed revocation, unless RBM never had the message': (view) => {
    const [first] = view.sms;
    if (first === undefined || view.whenUncertain === 'send' || !everQueued(view)) return true;
    return confirmedAt(view, first) !== undefined;
  },

  'G6: under `hold` nobody gets both if RBM reports the truth': (view) =>
    view.whenUncertain === 'send' || !isHonest(view) || view.truth.rcs === 0 || view.truth.sms === 0,

  'the SMS waits for the grace, unless its deadline comes first': (view) => {
    const [first] = view.sms;
    const confirmed = first && confirmedAt(view, first);
    if (first === undefined || confirmed === undefined || !everQueued(view)) return true;
    const { grace, budget } = view.input.revocation ?? {};
    const deadline = view.whenUncertain === 'send' ? revocationDueAt(view, first) + ms(budget) : Infinity;
    return first.decidedBy.startedAt >= Math.min(confirmed + ms(grace), deadline);
  },

  'no SMS without a fallback, after a cancellation, or after a revokeNow without a fallback': (view) => {
    if (view.input.fallback === undefined) return view.truth.smsRequests.length === 0;
    const stops = named(view, 'cancel', 'revokeNow').filter(
      ({ name, payload }) => name === 'cancel' || field(payload, 'fallback') === 'none',
    );
    return view.sms.every((attempt) => known(stops, attempt).length === 0);
  },

  'proof of delivery beats everything': (view) => !provedInTime(view) || view.result.outcome === 'DELIVERED',

  'DELIVERED: the phone has it': ({ result, truth }) => result.outcome !== 'DELIVERED' || truth.rcs === 1,
  'DELIVERED_BY_SMS: the phone has the SMS': ({ result, truth }) =>
    result.outcome !== 'DELIVERED_BY_SMS' || truth.smsDelivered === 1,
  'SENT_BY_SMS: the gateway has it': ({ result, truth }) => result.outcome !== 'SENT_BY_SMS' || truth.sms === 1,
  'REVOKED: the phone never gets the message, if RBM reports the truth': (view) =>
    view.result.outcome !== 'REVOKED' || !isHonest(view) || view.truth.rcs === 0,
  'UNDELIVERABLE: the phone gets neither, if RBM reports the truth': (view) =>
    view.result.outcome !== 'UNDELIVERABLE' ||
    (view.truth.smsDelivered === 0 && (!isHonest(view) || view.truth.rcs === 0)),
  'CANCELLED: somebody cancelled it': (view) => view.result.outcome !== 'CANCELLED' || named(view, 'cancel').length > 0,

  'duplicate: set if both arrived and this was known in time': (view) =>
    !(provedInTime(view) && view.truth.sms === 1) || view.result.duplicate,
  'duplicate: not set without a delivered message and an SMS request': (view) =>
    !view.result.duplicate || (view.truth.rcs === 1 && view.truth.smsRequests.length > 0),

  'every create carries the one messageId, and the phone gets at most one copy': ({
    messageIds,
    phone,
    truth,
    input,
  }) =>
    messageIds.every((messageId) => messageId === input.messageId) &&
    truth.rcs <= 1 &&
    phone.filter(({ channel }) => channel === 'RCS').length <= 1,

  'the create call’s expireTime is the expiry under `platform`, and later by the dead man’s switch under `agent`': (
    view,
  ) => {
    const { strategy, deadMansSwitch } = view.input.revocation ?? {};
    const later = strategy === 'agent' ? ms(deadMansSwitch) : 0;
    const { expireTime } = view.truth;
    const expiries = [...expiriesOf(view), ...lostExpiryOf(view)];
    return expireTime === undefined || expiries.some((expiry) => expiry + later === expireTime);
  },
};

/**
 * A 409 although no earlier create can have queued the message: another run has sent it, so no SMS may be blind. An earlier
 * 200 has queued it: on a slow machine it may come after the attempt's time is over.
 */
function isOfAnotherRun({ truth: { creates } }: Run): boolean {
  const answers = creates.map(({ answer }) => answer);
  const first = answers.indexOf(409);
  return (
    first !== -1 &&
    answers.slice(0, first).every((answer) => typeof answer === 'number' && answer >= 400 && answer < 500)
  );
}

/** Returns the guarantees that a run has broken. */
export function brokenBy(run: Run): string[] {
  const { input, history } = run;
  const whenUncertain = input.fallback?.whenUncertain ?? (input.messageTrafficType === 'PROMOTION' ? 'hold' : 'send');
  const of = (type: string) => history.activities.filter((activity) => activity.type === type);
  const view: View = {
    ...run,
    result: history.closed?.result as MessageDeliveryResult,
    sends: of('sendRcs'),
    revokes: of('revokeRcs'),
    sms: of('sendSms'),
    whenUncertain: isOfAnotherRun(run) ? 'hold' : whenUncertain,
    honors: input.messageTrafficType === 'PROMOTION' || input.honorOptOut === true,
    optedOutAt: Math.min(Infinity, ...run.optOuts.map(({ heardAt = Infinity }) => heardAt)),
  };
  const broken = (checks: Readonly<Record<string, Check>>) =>
    Object.entries(checks).flatMap(([name, holds]) => (holds(view) ? [] : [name]));
  const basics = broken(BASICS);
  return basics.length > 0 ? basics : broken(GUARANTEES);
}
