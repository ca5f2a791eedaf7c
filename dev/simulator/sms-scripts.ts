import { z } from 'zod';
import type { Phones } from './phones.js';
import { createAnswerQueue } from './phones.js';
import type { Answer, SmsProviderName } from './scripted-answer.js';
import { AnswerList } from './scripted-answer.js';

/** Answers of an SMS provider to everybody: for the account's or a sender's reasons. */
const SmsScript = z.strictObject({
  provider: z.enum(['twilio', 'http']),
  /** Only requests with this sender: a number, a name, or a messaging service. Default: every request. */
  sender: z.string().optional(),
  /** null: no script any more. */
  answer: AnswerList.nullable(),
});
type SmsScriptInput = z.input<typeof SmsScript>;

interface SmsRequest {
  readonly provider: SmsProviderName;
  readonly sender?: string;
  readonly to: string;
}

/** Who decides the answer to a request for an SMS: the account's script, else the sender's, else the phone's. */
export interface SmsScripts {
  /** Throws a ZodError if the script is not valid. */
  readonly script: (script: SmsScriptInput) => void;
  readonly next: (request: SmsRequest) => Answer;
}

const keyOf = (provider: SmsProviderName, sender = '') => `${provider}/${sender}`;

export function createSmsScripts(phones: Phones): SmsScripts {
  const scripts = new Map<string, () => Answer>();
  return {
    script(input) {
      const { provider, sender, answer } = SmsScript.parse(input);
      if (answer === null) scripts.delete(keyOf(provider, sender));
      else scripts.set(keyOf(provider, sender), createAnswerQueue(answer, 'sms'));
    },
    next({ provider, sender, to }) {
      const script = scripts.get(keyOf(provider)) ?? (sender && scripts.get(keyOf(provider, sender)));
      return script ? script() : phones.nextSmsAnswer(to, provider);
    },
  };
}
