import type { TimelineEntry } from './status.js';
import { FALLBACK_REASON_WORDS } from './words.js';

/*
 * The timeline in words for people: its events, and the codes with which their details begin. Programs read the codes. A
 * test compares the names with the evidence of the domain.
 */

/** What happened, as the part of a sentence. */
export const EVENT_WORDS = {
  sendStarted: 'message sent to RBM',
  sendAnswered: 'answer to the message',
  sendStopRequested: 'nothing more is sent to RBM',
  notAcceptedInTime: 'RBM is too late to accept the message',
  revokeStarted: 'revocation sent to RBM',
  revokeAnswered: 'answer to the revocation',
  smsRequested: 'SMS requested',
  smsAnswered: 'answer to the SMS',
  smsStopRequested: 'SMS called off',
  smsReconciliationStarted: 'the SMS provider is asked what became of the SMS',
  smsReconciled: 'what became of the SMS',
  smsStatus: 'SMS receipt',
  delivered: 'DELIVERED: the phone has the RCS message',
  read: 'READ: the person has read the message',
  replied: 'the person has replied, so the phone has it',
  ttlExpirationRevoked: 'RBM has revoked the message by itself',
  ttlExpirationRevokeFailed: 'RBM could not revoke the message by itself',
  otherSender: 'an event from another number, ignored',
  optedOut: 'the person has opted out',
  revokeRequested: 'an operator revokes the message',
  expiryChanged: 'an operator moves the expiry',
  cancelRequested: 'an operator cancels the delivery',
  wokeLate: 'a wait has ended late',
  resetNoticed: 'an operator has reset the workflow',
  lookBackStarted: 'the run before the reset is read',
  lookedBack: 'the run before the reset',
  mayHaveBeenSent: 'a worker that has crashed may have sent the message',
} as const;

const isEvent = (event: string): event is keyof typeof EVENT_WORDS => Object.hasOwn(EVENT_WORDS, event);

/** The codes with which the detail of an event begins. */
const DETAIL_WORDS: Readonly<Partial<Record<keyof typeof EVENT_WORDS, Readonly<Record<string, string>>>>> = {
  sendAnswered: {
    accepted: 'accepted',
    notFound: 'the phone is not reachable by RCS',
    refused: 'refused for good',
    denied: 'not permitted',
    failed: 'failed',
    stopped: 'called off before an answer',
    suppressed: 'not sent, since the person had opted out',
  },
  revokeAnswered: {
    revoked: 'revoked',
    notFound: 'RBM does not have the message',
    refused: 'refused',
    failed: 'failed',
    unanswered: 'no answer',
  },
  smsRequested: FALLBACK_REASON_WORDS,
  smsAnswered: {
    accepted: 'accepted',
    refused: 'refused for good',
    notSent: 'not sent',
    notStarted: 'no worker took the request',
    unanswered: 'no answer, so it may have been sent',
    expired: 'not sent, since it was of no use any more',
    suppressed: 'not sent, since the person had opted out',
  },
  smsReconciled: {
    yes: 'it was sent',
    no: 'it was not sent',
    repeatable: 'the request can be repeated without harm',
    unknown: 'the provider could not say',
  },
  smsStatus: { SENT: 'SENT: it is on its way', DELIVERED: 'DELIVERED: it arrived', UNDELIVERED: 'it did not arrive' },
  lookedBack: { evidence: 'what it had learned is known', unreadable: 'it cannot be read' },
};

/** `answer to the revocation: failed (503 UNAVAILABLE)`. An event of a newer version is shown by its code. */
export function eventSentence({ event, detail }: Pick<TimelineEntry, 'event' | 'detail'>): string {
  if (!isEvent(event)) return detail === undefined ? event : `${event}: ${detail}`;
  const words = EVENT_WORDS[event];
  return detail === undefined ? words : `${words}: ${detailWords(event, detail)}`;
}

/** A detail is a code, or one with more behind it: `failed, may be queued: 503`. Any other text stays as it is. */
function detailWords(event: keyof typeof EVENT_WORDS, detail: string): string {
  const [, code = '', more = '', reason] = /^([A-Za-z]+)((?:,| by )[^:]*)?(?:: (.*))?$/s.exec(detail) ?? [];
  const known = DETAIL_WORDS[event] ?? {};
  if (!Object.hasOwn(known, code)) return detail;
  return `${known[code] ?? code}${more}${reason === undefined ? '' : ` (${reason})`}`;
}
