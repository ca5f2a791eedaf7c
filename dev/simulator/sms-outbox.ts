import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';
import type { OptOuts } from './opt-outs.js';
import type { Phones } from './phones.js';
import type { Truth } from './truth.js';

export type SmsStatus = 'accepted' | 'sent' | 'delivered' | 'undelivered';

interface NewSms {
  /** How the provider's ids start. */
  readonly idPrefix: string;
  readonly to: string;
  readonly from?: string;
  /** Twilio's messaging service that sends it. */
  readonly service?: string;
  readonly text: string;
  /** How long it may wait in the provider's queue. */
  readonly validitySeconds?: number;
  readonly reference?: string;
}

/** An SMS that a gateway has accepted. */
export interface Sms extends NewSms {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly acceptedAt: number;
  status: SmsStatus;
  /** Its validity ended in the provider's queue, so it was never sent. */
  expired?: true;
}

/** The SMS network behind both gateways. */
export interface SmsOutbox {
  /** Accepts an SMS. Calls `report` at each later change of status that the phone's behaviour reports. */
  readonly accept: (sms: NewSms, report: (sms: Sms) => void) => Sms;
  readonly accepted: readonly Sms[];
}

/** What is reported halfway, before the receipt that is true. */
const EARLIER_RECEIPTS: Readonly<Record<string, SmsStatus | undefined>> = {
  sentThenDelivered: 'sent',
  undeliveredThenDelivered: 'undelivered',
};

export interface SmsOutboxDeps {
  readonly clock: Clock;
  readonly timeScale: number;
  readonly phones: Phones;
  readonly truth: Truth;
  readonly optOuts: OptOuts;
}

export function createSmsOutbox({ clock, timeScale, phones, truth, optOuts }: SmsOutboxDeps): SmsOutbox {
  const accepted: Sms[] = [];

  function deliver(sms: Sms) {
    const { to, from, text, reference } = sms;
    const record = truth.ofSms(sms);
    const unwanted = record !== undefined && optOuts.isUnwanted(record, { channel: 'sms', phone: to, sender: from });
    truth.received(to, {
      ...{ channel: 'SMS', at: clock.now(), text },
      ...(reference === undefined ? {} : { reference }),
      ...(unwanted ? { afterOptOut: true } : {}),
    });
    if (record === undefined) return;
    record.smsDelivered += 1;
    if (unwanted) record.afterOptOut += 1;
    optOuts.happened('sms', { phone: to, agentId: record.agentId });
  }

  /** Drops an SMS whose validity ended while it was queued, and reports that. */
  function expire(sms: Sms, report: (sms: Sms) => void) {
    sms.status = 'undelivered';
    sms.expired = true;
    report(sms);
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
      const { smsReceipt, smsReceiptDelay, smsQueuedFor } = phones.behaviourOf(sms.to);
      const validity = (sms.validitySeconds ?? Infinity) * 1000;
      if (smsQueuedFor * timeScale > validity) {
        clock.setTimer(validity, () => {
          expire(sms, report);
        });
        return sms;
      }
      const queued = smsQueuedFor * timeScale;
      const earlier = EARLIER_RECEIPTS[smsReceipt];
      if (earlier !== undefined) {
        clock.setTimer(queued + (smsReceiptDelay * timeScale) / 2, () => {
          sms.status = earlier;
          report(sms);
        });
      }
      clock.setTimer(queued + smsReceiptDelay * timeScale, () => {
        finish(sms, report);
      });
      return sms;
    },
  };
}
