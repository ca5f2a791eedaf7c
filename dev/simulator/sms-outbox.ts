import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';
import type { Phones } from './phones.js';
import type { Truth } from './truth.js';

export type SmsStatus = 'accepted' | 'sent' | 'delivered' | 'undelivered';

interface NewSms {
  /** How the provider's ids start. */
  readonly idPrefix: string;
  readonly to: string;
  readonly from?: string;
  readonly text: string;
  readonly reference?: string;
}

/** An SMS that a gateway has accepted. */
export interface Sms extends NewSms {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly acceptedAt: number;
  status: SmsStatus;
}

/** The SMS network behind both gateways. */
export interface SmsOutbox {
  /** Accepts an SMS. Calls `report` at each later change of status that the phone's behaviour reports. */
  readonly accept: (sms: NewSms, report: (sms: Sms) => void) => Sms;
  readonly accepted: readonly Sms[];
}

export interface SmsOutboxDeps {
  readonly clock: Clock;
  readonly timeScale: number;
  readonly phones: Phones;
  readonly truth: Truth;
}

export function createSmsOutbox({ clock, timeScale, phones, truth }: SmsOutboxDeps): SmsOutbox {
  const accepted: Sms[] = [];

  function deliver(sms: Sms) {
    const { to, text, reference } = sms;
    truth.received(to, { channel: 'SMS', at: clock.now(), text, ...(reference === undefined ? {} : { reference }) });
    const record = truth.ofSms(sms);
    if (record !== undefined) record.smsDelivered += 1;
  }

  function finish(sms: Sms, report: (sms: Sms) => void) {
    const { smsReceipt } = phones.behaviourOf(sms.to);
    if (smsReceipt !== 'undelivered' && smsReceipt !== 'lost') deliver(sms);
    if (smsReceipt === 'none' || smsReceipt === 'lost') return;
    sms.status = smsReceipt === 'undelivered' ? 'undelivered' : 'delivered';
    report(sms);
  }

  return {
    accepted,
    accept(request, report) {
      const sms: Sms = {
        ...request,
        id: `${request.idPrefix}${randomBytes(16).toString('hex')}`,
        acceptedAt: clock.now(),
        status: 'accepted',
      };
      accepted.push(sms);
      const record = truth.ofSms(sms);
      if (record !== undefined) {
        record.sms += 1;
        record.smsAcceptedAt ??= sms.acceptedAt;
      }
      const { smsReceipt, smsReceiptDelay } = phones.behaviourOf(sms.to);
      if (smsReceipt === 'sentThenDelivered') {
        clock.setTimer((smsReceiptDelay * timeScale) / 2, () => {
          sms.status = 'sent';
          report(sms);
        });
      }
      clock.setTimer(smsReceiptDelay * timeScale, () => {
        finish(sms, report);
      });
      return sms;
    },
  };
}
