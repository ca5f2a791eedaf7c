import { workflowIdFor } from '../contract/ids.js';

/** An SMS of a check. */
export interface TestSms {
  readonly to: string;
  readonly from?: string | undefined;
  readonly text: string;
  /** The Idempotency-Key and the reference, which are the same in a worker's requests. */
  readonly key: string;
  readonly validitySeconds: number;
}

export interface TestSmsOptions {
  readonly to: string;
  readonly from?: string | undefined;
  /** A short word in every text, which shows the person to which run an SMS belongs. */
  readonly run: string;
  readonly uuid: () => string;
}

/** The SMS of one run, by what they are for. A gateway that conforms sends each one once, but never `wrongNumber`. */
export interface TestMessages {
  readonly accepted: TestSms;
  readonly twoAtOnce: TestSms;
  readonly lostAnswer: TestSms;
  readonly shortValidity: TestSms;
  readonly wrongNumber: TestSms;
}

/** How many SMS a gateway that conforms sends to the person, and how many one that does not sends at most, as a rule. */
export const SMS_COUNT = 4;
export const MOST_SMS = 7;

/** As long as a code is of use. Seconds. */
const VALIDITY = 600;
/** No country has the code 999, and it is too short: nobody can have it. */
const NO_NUMBER = '+999';

/** The key is that of a delivery that never existed, so a receipt that reaches a real webhook changes nothing. */
export function testMessages({ to, from, run, uuid }: TestSmsOptions): TestMessages {
  const sms = (text: string, changed: Partial<TestSms> = {}): TestSms => ({
    ...{ to, from, text: `rcs-delivery check-gateway ${run}: ${text}`, validitySeconds: VALIDITY },
    key: workflowIdFor({ agentId: 'check', messageId: uuid() }),
    ...changed,
  });
  const numbered = (number: number) => `SMS ${String(number)} of ${String(SMS_COUNT)}`;
  return {
    accepted: sms(numbered(1)),
    twoAtOnce: sms(numbered(2)),
    lostAnswer: sms(numbered(3)),
    shortValidity: sms(numbered(4), { validitySeconds: 1 }),
    wrongNumber: sms('to nobody', { to: NO_NUMBER }),
  };
}

/** The SMS as a worker's repeat requests it: less of its validity is left. */
export const asRepeat = (sms: TestSms): TestSms => ({
  ...sms,
  validitySeconds: Math.max(1, sms.validitySeconds - 1),
});
