import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';
import type { Phones } from './phones.js';
import type { Truth } from './truth.js';

export type SmsStatus = 'accepted' | 'sent' | 'delivered' | 'undelivered';

export interface NewSms {
  /** What the id starts with: a provider's own mark. */
  readonly idPrefix: string;
  readonly to: string;
  readonly from?: string;
  readonly text: string;
  readonly reference?: string;
}

/** An SMS that the gateway has taken over. Times in ms. */
export interface Sms extends NewSms {
  readonly id: string;
  readonly acceptedAt: number;
  status: SmsStatus;
}

/** The SMS network behind both gateways: what was really accepted, and what the phones got. */
export interface SmsOutbox {
  /** Takes an SMS over; `report` is called at each later change of its status that the phone's behaviour reports. */
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

  function end(sms: Sms, report: (sms: Sms) => void) {
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
        end(sms, report);
      });
      return sms;
    },
  };
}
