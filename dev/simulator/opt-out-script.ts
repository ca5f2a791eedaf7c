import { z } from 'zod';
import { Delay } from './scripted-answer.js';

/** How a person opts out, or in again. */
const words = {
  says: z.enum(['UNSUBSCRIBE', 'SUBSCRIBE']).default('UNSUBSCRIBE'),
  /** `sms`: the person texts STOP to the sender of an SMS. No event of RBM, and providers refuse SMS of that sender. */
  channel: z.enum(['rcs', 'sms']).default('rcs'),
  /** What RBM posts: the user event, the keyword as the user's text, or both in either order. */
  parts: z.enum(['eventThenKeyword', 'keywordThenEvent', 'event', 'keyword']).default('eventThenKeyword'),
  /** Whether the user event has a sendTime. Google's sample has none. */
  sendTime: z.boolean().default(false),
  /** Default: the word of the number's country. */
  keyword: z.string().min(1).optional(),
  /** For `sms`: this sender alone. Default: every sender. */
  sender: z.string().optional(),
};

/**
 * `create`: the create call has come and has had no effect yet. `accepted`: RBM has the message. `shown`: the person got
 * it. `revoked`: it was revoked. `sms`: the person got an SMS.
 */
const Moment = z.enum(['create', 'accepted', 'shown', 'revoked', 'sms']);
export type OptOutMoment = z.infer<typeof Moment>;

/** Once for each message. */
const OptOutScript = z.strictObject({
  when: Moment.default('shown'),
  /** Counts from that moment. */
  after: Delay.default(0),
  ...words,
});
export const OptOutScripts = z.union([OptOutScript.transform((script) => [script]), z.array(OptOutScript)]).default([]);

export type OptOutWords = Omit<z.output<typeof OptOutScript>, 'when' | 'after'>;

/** Asks a person to opt out, or in again. */
const OptOutRequest = z.strictObject({
  phone: z.string().regex(/^\+[1-9]\d{6,14}$/),
  /** Default: the agent that wrote to the phone last. */
  agentId: z.string().min(1).optional(),
  after: Delay.default(0),
  ...words,
});
export type OptOutRequest = z.input<typeof OptOutRequest>;

/** Throws a ZodError if the request is not valid. */
export const readOptOutRequest = (request: OptOutRequest) => OptOutRequest.parse(request);
