import { expect, test } from 'vitest';
import { EVENT_WORDS, eventSentence } from '../../src/contract/event-words.js';
import type { Evidence } from '../../src/domain/evidence.js';

test('every piece of evidence has words for people', () => {
  // The types do the work: a kind without words, or words of no kind, do not compile.
  const words: Readonly<Record<Evidence['kind'], string>> = EVENT_WORDS;
  const kinds: Readonly<Record<keyof typeof EVENT_WORDS, string>> = words;
  expect(Object.values(kinds).every((text) => /^[A-Za-z]/.test(text) && !text.endsWith('.'))).toBe(true);
});

test.each([
  ['sendAnswered', 'accepted', 'answer to the message: accepted'],
  [
    'sendAnswered',
    'notFound: 404 NOT_FOUND',
    'answer to the message: the phone is not reachable by RCS (404 NOT_FOUND)',
  ],
  ['sendAnswered', 'failed, may be queued: 503', 'answer to the message: failed, may be queued (503)'],
  ['sendAnswered', 'failed: not sent, ECONNREFUSED', 'answer to the message: failed (not sent, ECONNREFUSED)'],
  ['revokeAnswered', 'notFound: 404', 'answer to the revocation: RBM does not have the message (404)'],
  ['revokeAnswered', 'unanswered', 'answer to the revocation: no answer'],
  ['smsRequested', 'unconfirmed', 'SMS requested: The revocation was not confirmed in time.'],
  [
    'smsAnswered',
    'notSent by twilio: account, 401 20003',
    'answer to the SMS: not sent by twilio (account, 401 20003)',
  ],
  ['smsAnswered', 'accepted, without a usable id', 'answer to the SMS: accepted, without a usable id'],
  ['smsStatus', 'UNDELIVERED', 'SMS receipt: it did not arrive'],
  ['smsReconciled', 'no', 'what became of the SMS: it was not sent'],
  ['lookedBack', 'unreadable', 'the run before the reset: it cannot be read'],
  ['revokeRequested', 'wrong price (fallback: sms)', 'an operator revokes the message: wrong price (fallback: sms)'],
  ['revokeRequested', 'accepted', 'an operator revokes the message: accepted'],
  ['smsAnswered', 'constructor', 'answer to the SMS: constructor'],
  ['delivered', undefined, 'DELIVERED: the phone has the RCS message'],
  ['ofANewerVersion', undefined, 'ofANewerVersion'],
  ['ofANewerVersion', 'x', 'ofANewerVersion: x'],
  ['toString', 'x', 'toString: x'],
])('%s, %s', (event, detail, sentence) => {
  expect(eventSentence({ event, ...(detail !== undefined && { detail }) })).toBe(sentence);
});
