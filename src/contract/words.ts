import {
  OUTCOMES,
  type DeliveryStatus,
  type EndReason,
  type FallbackReason,
  type NextStep,
  type Outcome,
  type Phase,
} from './status.js';

/*
 * What the codes of a status mean, in words for people. The Web UI and the CLI show these; programs read the codes. Each
 * is a sentence, or the part of one that its name says.
 */

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  SENDING: 'RBM has not accepted the message yet.',
  AWAITING_DELIVERY: 'RBM accepted the message. There is no proof of delivery yet.',
  REVOKING: 'The message is being revoked. That is not confirmed yet.',
  CONFIRMING_REVOCATION: 'The message is revoked. A late DELIVERED may still come.',
  FALLING_BACK: 'The SMS is requested. The provider has not accepted it yet.',
  AWAITING_SMS_RECEIPT: 'The SMS provider accepted the SMS. No receipt says yet that it arrived.',
};

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  DELIVERED: 'The phone has the RCS message.',
  DELIVERED_BY_SMS: 'The phone has the SMS.',
  SENT_BY_SMS: 'The SMS provider accepted the SMS. No receipt came in time.',
  REVOKED: 'The message was revoked, and no SMS was asked for.',
  UNCERTAIN: 'It is not known what the phone got.',
  UNDELIVERABLE: 'RBM could not deliver, and no SMS was delivered or asked for.',
  CANCELLED: 'The workflow was cancelled. The message was revoked as far as possible.',
  SUPPRESSED: 'The person had opted out, so nothing was sent.',
};

/** Why the RCS leg ended without a delivery. */
export const END_REASON_WORDS: Readonly<Record<EndReason, string>> = {
  unreachable: 'The phone is not reachable by RCS.',
  refused: 'RBM refused the message.',
  notAccepted: 'RBM had not accepted the message in time.',
  expired: 'The message had expired.',
  platform: 'RBM ended the message before its expiry.',
  operator: 'An operator revoked the message.',
  cancelled: 'The workflow was cancelled.',
  optedOut: 'The person has opted out.',
};

/** Why the SMS was requested. */
export const FALLBACK_REASON_WORDS: Readonly<Record<FallbackReason, string>> = {
  ...END_REASON_WORDS,
  unconfirmed: 'The revocation was not confirmed in time.',
};

/** For an outcome by SMS after a revocation that was never confirmed. */
const BOTH_MAY_COME = 'RBM never confirmed the revocation, so the RCS message may come too.';

/** What the person got, or may have got, once the delivery has settled; undefined before. */
export function outcomeSentence(
  status: Pick<DeliveryStatus, 'outcome' | 'uncertainty' | 'duplicate' | 'revocation'>,
): string | undefined {
  const { outcome, uncertainty, duplicate, revocation } = status;
  if (outcome === null) return undefined;
  const sentences = [uncertainty ?? OUTCOME_WORDS[outcome]];
  if (duplicate) sentences.push('The person got, or may have got, both messages.');
  else if (revocation === 'unconfirmed' && (outcome === 'DELIVERED_BY_SMS' || outcome === 'SENT_BY_SMS'))
    sentences.push(BOTH_MAY_COME);
  return sentences.join(' ');
}

/** How far a running delivery is; undefined once it has settled. */
export function phaseSentence({ phase, sms, revocation }: Pick<DeliveryStatus, 'phase' | 'sms' | 'revocation'>) {
  if (phase === null) return undefined;
  const words = PHASE_WORDS[phase];
  if (revocation !== 'unconfirmed' || sms === undefined || sms.accepted === 'no') return words;
  const hasSms = sms.receipt === 'DELIVERED' ? 'The phone has the SMS. ' : '';
  return `${words} ${hasSms}RBM has not confirmed the revocation, so the RCS message may come too.`;
}

type Waiting = Pick<DeliveryStatus, 'phase' | 'next' | 'smsFollows' | 'smsNeedsConfirmation'>;
/** Writes a time, RFC 3339, in the reader's form. */
type WriteTime = (time: string) => string;

/** What the delivery does if it learns nothing before; undefined if there is nothing to say. */
export function nextSentence(status: Waiting, write: WriteTime): string | undefined {
  const { phase, next } = status;
  if (next === null) return undefined;
  const { action } = next;
  const time = write(next.time);
  switch (action) {
    case 'revoke':
      if (phase !== 'AWAITING_DELIVERY') return revokeSentence(next, write);
      return `Without a proof, it is revoked at ${time}${thenSms(status, 'the SMS is sent', IF_CONFIRMED)}.`;
    case 'sendSms':
      return `The SMS is sent at ${time}.`;
    case 'stopSending':
    case 'giveUpAcceptance':
      return `RBM is given up at ${time}${thenSms(status, 'the SMS is sent', IF_NOT_AT_RBM)}.`;
    case 'reconcileSms':
      return `The SMS provider is asked at ${time} what became of the SMS.`;
    case 'send':
      return `It is sent to RBM again at ${time}.`;
    default:
      return isOutcome(action) ? `The delivery settles as ${action} at ${time}.` : undefined;
  }
}

/** `, then SMS`, under `hold` with the condition; empty if no SMS follows. */
function thenSms({ smsFollows = false, smsNeedsConfirmation }: Waiting, sms: string, condition: string): string {
  if (!smsFollows) return '';
  return `, then ${sms}${smsNeedsConfirmation === true ? ` ${condition}` : ''}`;
}
const IF_CONFIRMED = 'once that is confirmed';
const IF_NOT_AT_RBM = 'if RBM surely does not have the message';

/** `It is revoked again at … (attempt 11). If that stays unconfirmed, …` */
function revokeSentence({ attempt = 1, time, givesUp }: NextStep, write: WriteTime): string {
  const revoked = attempt === 1 ? `It is revoked at ${write(time)}.` : `It is revoked again at ${write(time)}`;
  const numbered = attempt === 1 ? revoked : `${revoked} (attempt ${String(attempt)}).`;
  if (givesUp === undefined) return numbered;
  const end = givesUp.action === 'sendSms' ? 'the SMS is sent' : `the delivery settles as ${givesUp.action}`;
  return `${numbered} If that stays unconfirmed, ${end} at ${write(givesUp.time)}.`;
}

/**
 * The same as the short line of a card: `revoke again at 13:47:15Z (attempt 11); gives up at 14:33:44Z`. Undefined if there
 * is nothing to say.
 */
export function nextPhrase(status: Waiting, write: WriteTime): string | undefined {
  const { next } = status;
  if (next === null) return undefined;
  const { action, attempt = 1, givesUp } = next;
  const time = write(next.time);
  switch (action) {
    case 'revoke': {
      const revoke = attempt === 1 ? `revoke at ${time}` : `revoke again at ${time} (attempt ${String(attempt)})`;
      if (givesUp === undefined) return `${revoke}${attempt === 1 ? thenSms(status, 'SMS', IF_CONFIRMED) : ''}`;
      return `${revoke}; ${givesUp.action === 'sendSms' ? 'SMS at the latest' : 'gives up'} at ${write(givesUp.time)}`;
    }
    case 'sendSms':
      return `SMS at ${time}`;
    case 'stopSending':
    case 'giveUpAcceptance':
      return `give RBM up at ${time}${thenSms(status, 'SMS', IF_NOT_AT_RBM)}`;
    case 'reconcileSms':
      return `ask the SMS provider at ${time} what became of the SMS`;
    case 'send':
      return `send to RBM again at ${time}`;
    default:
      return isOutcome(action) ? `settle as ${action} at ${time}` : `${action} at ${time}`;
  }
}

const isOutcome = (action: string): boolean => OUTCOMES.some((outcome) => outcome === action);
