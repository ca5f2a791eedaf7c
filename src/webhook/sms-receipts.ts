import { z } from 'zod';
import { parseWorkflowId, type DeliveryId } from '../contract/ids.js';
import { MAX_EVENT_ID, MAX_SEND_TIME, smsStatusSignal, type SmsStatusSignal } from '../contract/messages.js';
import { AGENT_ID_PATTERN, UUID_PATTERN } from '../contract/patterns.js';
import type { Source } from './metrics.js';
import { createSignalOnce } from './signal-once.js';
import type { WebhookContext } from './webhook-context.js';

export interface SmsReceipt {
  /** What the SMS was sent with: the workflow id. */
  readonly reference: string | undefined;
  /** The gateway's own word for a status of ours; undefined when it changes nothing. */
  readonly status: SmsStatusSignal['status'] | undefined;
  readonly eventId: string;
  /** RFC 3339. */
  readonly sendTime: string;
}

/** Resolves when the receipt is durable or surely nothing to us. Throws as SignalOnce does. */
export type TakeReceipt = (receipt: SmsReceipt) => Promise<void>;

/** Hands receipts to the deliveries that their references name. */
export function createReceiptTaker({
  source,
  context,
}: {
  readonly source: Source;
  readonly context: WebhookContext;
}): TakeReceipt {
  const signalOnce = createSignalOnce(context, source);
  return async ({ reference = '', status, eventId, sendTime }) => {
    const delivery = deliveryOf(reference);
    if (status === undefined) context.metrics.event(source, 'sms', 'ignored');
    else if (delivery === undefined) context.metrics.event(source, 'sms', 'foreign');
    else {
      const payload: SmsStatusSignal = { eventId: eventId.slice(0, MAX_EVENT_ID), sendTime, status };
      await signalOnce({ delivery, kind: `sms:${status}`, proof: false, definition: smsStatusSignal, payload });
    }
  };
}

/** A reference comes from outside: only what can be a delivery's id reaches Temporal. */
function deliveryOf(reference: string): DeliveryId | undefined {
  const delivery = parseWorkflowId(reference);
  if (delivery === undefined) return undefined;
  return AGENT_ID_PATTERN.test(delivery.agentId) && UUID_PATTERN.test(delivery.messageId) ? delivery : undefined;
}

const SendTime = z.iso.datetime({ offset: true }).max(MAX_SEND_TIME);
/** The receipt's own time when it is one, or now. */
export function sendTimeOf(value: unknown): string {
  const given = SendTime.safeParse(value);
  return given.success ? given.data : new Date().toISOString();
}
