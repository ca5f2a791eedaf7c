import type { PhoneBehaviour, PhoneBehaviourInput, PresetName } from './phone-behaviour.js';
import { readBehaviour } from './phone-behaviour.js';
import type { Answer, CallKind, ScriptedAnswer, SmsProviderName } from './scripted-answer.js';
import { toAnswer } from './scripted-answer.js';

type PhoneCall = Exclude<CallKind, 'token' | 'sms'>;

/** How each phone behaves. */
export interface Phones {
  readonly behaviourOf: (phone: string) => PhoneBehaviour;
  /** The next answer of the phone's script for this kind of call. The last one repeats. */
  readonly nextAnswer: (phone: string, kind: PhoneCall) => Answer;
  /** The same for a request for an SMS. A provider's own script replaces the common one. */
  readonly nextSmsAnswer: (phone: string, provider: SmsProviderName) => Answer;
  /** Replaces the phone's behaviour and restarts its scripts. Throws a ZodError if the behaviour is not valid. */
  readonly script: (phone: string, behaviour: PresetName | PhoneBehaviourInput) => void;
}

/** Returns a script's answers, one per call. The last one repeats. */
export function createAnswerQueue(answers: readonly ScriptedAnswer[], kind: CallKind): () => Answer {
  let used = 0;
  return () => {
    const scripted = answers[Math.min(used, answers.length - 1)] ?? 'ok';
    used += 1;
    return toAnswer(scripted, kind);
  };
}

interface Phone {
  readonly behaviour: PhoneBehaviour;
  readonly next: Readonly<Record<PhoneCall | SmsProviderName, () => Answer>>;
}

function toPhone(behaviour: PhoneBehaviour): Phone {
  const { sms, smsByProvider } = behaviour;
  const common = createAnswerQueue(sms, 'sms');
  const own = (answers: readonly ScriptedAnswer[] | undefined) =>
    answers === undefined ? common : createAnswerQueue(answers, 'sms');
  return {
    behaviour,
    next: {
      create: createAnswerQueue(behaviour.create, 'create'),
      delete: createAnswerQueue(behaviour.delete, 'delete'),
      twilio: own(smsByProvider.twilio),
      http: own(smsByProvider.http),
    },
  };
}

export function createPhones(
  table: Readonly<Record<string, PhoneBehaviourInput>>,
  defaultBehaviour: PresetName | PhoneBehaviourInput,
): Phones {
  const fallback = readBehaviour(defaultBehaviour);
  const phones = new Map<string, Phone>();
  for (const [number, behaviour] of Object.entries(table)) phones.set(number, toPhone(readBehaviour(behaviour)));
  const phoneOf = (number: string) => {
    const known = phones.get(number);
    if (known !== undefined) return known;
    const created = toPhone(fallback);
    phones.set(number, created);
    return created;
  };
  return {
    behaviourOf: (phone) => phoneOf(phone).behaviour,
    nextAnswer: (phone, kind) => phoneOf(phone).next[kind](),
    nextSmsAnswer: (phone, provider) => phoneOf(phone).next[provider](),
    script(phone, behaviour) {
      phones.set(phone, toPhone(readBehaviour(behaviour)));
    },
  };
}
