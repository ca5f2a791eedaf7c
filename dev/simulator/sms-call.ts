import type { FastifyReply } from 'fastify';
import type { Clock } from './clock.js';
import type { Outcome, PlayInput } from './play-answer.js';
import { playAnswer } from './play-answer.js';
import type { Phones } from './phones.js';
import type { SmsProviderName } from './scripted-answer.js';
import type { SmsScripts } from './sms-scripts.js';
import type { Call, SmsSubject, Truth } from './truth.js';
import { openCall } from './truth.js';

export interface SmsCallDeps {
  readonly clock: Clock;
  readonly timeScale: number;
  readonly phones: Phones;
  readonly truth: Truth;
  readonly smsScripts: SmsScripts;
}

export interface SmsCall extends SmsSubject, Pick<Call, 'credential' | 'validitySeconds'> {
  readonly provider: SmsProviderName;
  /** A number, a name, or Twilio's messaging service. */
  readonly sender?: string;
  readonly reply: FastifyReply;
  readonly effect: () => Outcome;
  readonly errorBody: PlayInput['errorBody'];
}

/** Records a request to send an SMS, of any provider, and plays the answer that was scripted for it. */
export function answerSmsCall(deps: SmsCallDeps, { reply, effect, errorBody, ...request }: SmsCall) {
  const { clock, timeScale, truth, smsScripts } = deps;
  const record = truth.ofSms(request);
  const at = clock.now();
  if (record !== undefined) record.smsRequestedAt ??= at;
  const { provider, sender, credential, validitySeconds } = request;
  const call = openCall(record?.smsRequests ?? [], at, {
    provider,
    ...(sender === undefined ? {} : { sender }),
    ...(credential === undefined ? {} : { credential }),
    ...(validitySeconds === undefined ? {} : { validitySeconds }),
  });
  return playAnswer({ answer: smsScripts.next(request), call, reply, clock, timeScale, effect, errorBody });
}
