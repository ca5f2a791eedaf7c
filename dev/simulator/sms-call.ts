import type { FastifyReply } from 'fastify';
import type { Clock } from './clock.js';
import type { Phones } from './phones.js';
import type { Outcome } from './play-answer.js';
import { playAnswer } from './play-answer.js';
import type { SmsSubject, Truth } from './truth.js';
import { openCall } from './truth.js';

export interface SmsCallDeps {
  readonly clock: Clock;
  readonly timeScale: number;
  readonly phones: Phones;
  readonly truth: Truth;
}

export interface SmsCall extends SmsSubject {
  readonly reply: FastifyReply;
  readonly effect: () => Outcome;
  readonly errorBody: (status: number, code: number | undefined) => unknown;
}

/** Records a request to send an SMS, of any provider, and plays the phone's scripted answer. */
export function answerSmsCall(deps: SmsCallDeps, { reply, effect, errorBody, ...subject }: SmsCall) {
  const { clock, timeScale, phones, truth } = deps;
  const record = truth.ofSms(subject);
  const at = clock.now();
  if (record !== undefined) record.smsRequestedAt ??= at;
  const call = openCall(record?.smsRequests ?? [], at);
  const answer = phones.nextAnswer(subject.to, 'sms');
  return playAnswer({ answer, call, reply, clock, timeScale, effect, errorBody });
}
