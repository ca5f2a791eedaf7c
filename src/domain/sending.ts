import { SECOND } from '../contract/duration.js';
import { allOf, has, isRunning, lastOf, type Delivery, type SendAnswer } from './evidence.js';
import { backoff } from './backoff.js';
import { platformExpiry, type Instant } from './plan.js';
import { expiresAt, takeBackAt } from './taking-back.js';
import type { Step } from './decide.js';

/** RBM's 403 says that a retry may help (rbm-api-examples issue 24); after this many it is taken as final. */
const MAX_DENIALS = 4;
const FINAL = ['notFound', 'refused'];

/** What sending still needs before the message is to be taken back; undefined when RBM has it. */
export function decideSending(delivery: Delivery, now: Instant): Step | undefined {
  if (isCreating(delivery)) return isOutdated(delivery) ? { do: 'stopSending' } : undefined;
  const answers = allOf(delivery, 'sendAnswered');
  const last = answers.at(-1);
  if (last?.answer === 'accepted') return undefined;
  const next = last === undefined ? now : last.at + Math.max(last.retryAfter ?? 0, pause(last.answer, answers.length));
  const until = takeBackAt(delivery);
  if (now < next) return { do: 'wait', until: Math.min(next, until) };
  const how = last === undefined ? 'local' : 'normal';
  return { do: 'send', how, until, platformExpiresAt: platformExpiry(delivery.plan, expiresAt(delivery)) };
}

/**
 * An operator moved the expiry, and the create that Temporal repeats would still ask RBM for the old one (G7). The local
 * attempt is over within seconds.
 */
function isOutdated(delivery: Delivery): boolean {
  const create = lastOf(delivery, 'sendStarted');
  if (create?.how !== 'normal' || isStopRequested(delivery)) return false;
  return create.platformExpiresAt !== platformExpiry(delivery.plan, expiresAt(delivery));
}

/** Whether the create under way has been called off. */
export const isStopRequested = (delivery: Delivery) =>
  lastOf(delivery, 'sendStarted', 'sendStopRequested')?.kind === 'sendStopRequested';

/** The local attempt's failure hands over at once; Temporal spaces the attempts that follow. */
function pause(answer: SendAnswer, tries: number): number {
  return tries === 1 && answer === 'failed' ? 0 : backoff(tries, 60 * SECOND);
}

/**
 * True when RBM surely does not have the message: it refused it for good, or every attempt until the take-back ended
 * before RBM could have queued it. An attempt without an answer may have been queued (RBM "Best practices").
 */
export function wasNeverQueued(delivery: Delivery, now: Instant): boolean {
  if (mayGetThrough(delivery)) return false;
  return isRefused(delivery) || now >= takeBackAt(delivery);
}

/** When RBM refused a message that an earlier attempt may have queued: its time is over, but it must be taken back. */
export function refusedThoughMaybeQueuedAt(delivery: Delivery): Instant {
  const refusal = lastOf(delivery, 'sendAnswered');
  return refusal !== undefined && isRefused(delivery) && mayBeQueued(delivery) ? refusal.at : Infinity;
}

/** A create is under way, as far as is known: its answer may be held up. */
export const isCreating = (delivery: Delivery) => isRunning(delivery, 'sendStarted', 'sendAnswered');

/** RBM may have the message, or may yet get it from a create under way. */
export const mayGetThrough = (delivery: Delivery) => isCreating(delivery) || mayBeQueued(delivery);

/** True for accepted messages too. A server event names a message that RBM must have had. */
export function mayBeQueued(delivery: Delivery): boolean {
  return (
    has(delivery, 'mayHaveBeenSent') ||
    allOf(delivery, 'sendAnswered').some(({ answer, mayBeQueued: may }) => may || answer === 'accepted') ||
    lastOf(delivery, 'ttlExpirationRevoked', 'ttlExpirationRevokeFailed') !== undefined
  );
}

/** RBM will never take it: its last answer was final, or it denied it often enough. */
export function isRefused(delivery: Delivery): boolean {
  const answers = allOf(delivery, 'sendAnswered').map(({ answer }) => answer);
  return FINAL.includes(answers.at(-1) ?? '') || answers.filter((answer) => answer === 'denied').length >= MAX_DENIALS;
}
