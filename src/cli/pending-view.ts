import { SECOND } from '../contract/duration.js';
import { FailureType } from '../contract/failures.js';
import type { PendingFailure, PendingRequest } from '../temporal/pending-requests.js';
import { clock, duration, relativeTime } from './format.js';

/** Longer than any attempt takes, and than Temporal takes to notice that its worker is gone. */
const TOO_LONG_MS = 15 * SECOND;
/** A worker takes a request at once, unless it is busy or there is none. */
const UNTAKEN_MS = 5 * SECOND;

/** `create at RBM: attempt 4 at 13:47:15Z (in 12s). Last answer: 503 UNAVAILABLE`. `now` in epoch milliseconds. */
export function pendingLine(request: PendingRequest, now: number): string {
  const { activity, attempt, worker, lastFailure } = request;
  const what = ACTIVITY_WORDS[activity] ?? activity;
  const last = lastFailure === undefined ? '' : `. Last answer: ${failureWords(lastFailure)}`;
  const who = request.state === 'running' && worker !== undefined ? `, at the worker ${worker}` : '';
  return `${what}: attempt ${String(attempt)} ${stateWords(request, now)}${who}${last}`;
}

function stateWords({ state, startedTime, dueTime }: PendingRequest, now: number): string {
  if (state === 'paused') return 'is paused by an operator';
  if (state === 'running') {
    const ms = now - Date.parse(startedTime ?? '');
    if (!(ms > TOO_LONG_MS)) return 'is under way';
    return `has been under way for ${duration(ms)}; its worker may be gone`;
  }
  if (dueTime === undefined) return 'waits for a worker';
  const ms = now - Date.parse(dueTime);
  if (ms < 0) return `at ${clock(dueTime, now)} (${relativeTime(-ms)})`;
  return ms > UNTAKEN_MS ? `is due since ${clock(dueTime, now)}, and no worker has taken it` : 'waits for a worker';
}

const ACTIVITY_WORDS: Readonly<Record<string, string>> = {
  sendRcs: 'create at RBM',
  revokeRcs: 'DELETE at RBM',
  sendSms: 'SMS request',
  reconcileSms: 'question about the SMS',
  lookBack: 'reading the run before the reset',
};

function failureWords({ type, httpStatus, code, timedOut }: PendingFailure): string {
  const answer = [httpStatus, code].filter((part) => part !== undefined).join(' ');
  if (timedOut === true) return 'none, the attempt timed out';
  const words = type === undefined ? undefined : FAILURE_WORDS[type];
  if (answer !== '') return words === undefined ? answer : `${words}, ${answer}`;
  return words ?? type ?? 'unknown';
}

/** For failures whose answer does not say it all. */
const FAILURE_WORDS: Readonly<Record<string, string>> = {
  [FailureType.RbmUnanswered]: 'none',
  [FailureType.RbmNotSent]: 'not sent',
  [FailureType.SmsUnanswered]: 'none',
  [FailureType.SmsNotSent]: 'not sent',
  [FailureType.OptOutUnknown]: 'not sent, since it is not known whether the person has opted out',
};
