import { OUTCOMES, type DeliveryStatus } from '../../src/contract/status.js';
import { durationText } from '../terminal/text.js';

/** What comes next, in a word or two. What is not here is shown as the status has it. */
const WORDS: Readonly<Record<string, string>> = {
  send: 'send again',
  stopSending: 'expiry',
  giveUpAcceptance: 'give up RCS',
  lookBack: 'look back',
  sendSms: 'SMS',
  stopSms: 'stop the SMS',
  reconcileSms: 'ask about SMS',
  ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 'settle'])),
};

/** `revoke in 8 s`, `settle in 10 min`, `SMS now`. Empty if nothing is due. */
export function nextText(next: DeliveryStatus['next'], now: number): string {
  if (next === null) return '';
  const left = Date.parse(next.time) - now;
  return `${WORDS[next.action] ?? next.action} ${left > 0 ? `in ${countdown(left)}` : 'now'}`;
}

/** To the next second; from a minute on, to the next minute. */
function countdown(ms: number): string {
  const unit = ms > 60_000 ? 60_000 : 1_000;
  return durationText(Math.ceil(ms / unit) * unit);
}
