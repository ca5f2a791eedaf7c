import type { Channel, Outcome, Phase, SmsSummary } from './status.js';

/**
 * What the business hears of a delivery that was started with `notify`: the body of one POST, in the form that the
 * Standard Webhooks spec recommends. Holds no number and no text of a message.
 */
export interface DeliveryNotification {
  readonly type: 'delivery.phase' | 'delivery.settled';
  /** When it came about, RFC 3339. */
  readonly timestamp: string;
  readonly data: {
    /** The n-th thing told of this delivery, from 1: they may arrive in another order, and the highest counts. */
    readonly sequence: number;
    readonly agentId: string;
    readonly messageId: string;
    readonly campaignId?: string;
    readonly status: Phase | Outcome;
    /** `null` while it runs. */
    readonly outcome: Outcome | null;
    readonly channel: Channel;
    /** True when the person got, or may have got, the message twice. */
    readonly duplicate: boolean;
    readonly expireTime: string;
    readonly sms?: SmsSummary;
  };
}

/** The input of the workflow `messageNotification`: one POST, repeated until it is taken. */
export interface MessageNotificationInput {
  readonly url: string;
  /** The `webhook-id`, the same on every attempt: a receiver that has seen it ignores the repeat. */
  readonly id: string;
  readonly notification: DeliveryNotification;
}

/** The `webhook-id`. Names the status, too: a delivery that an operator has reset may have another n-th thing to tell. */
export function notificationIdFor({ data: { agentId, messageId, sequence, status } }: DeliveryNotification): string {
  return `${agentId}:${messageId}:${String(sequence)}:${status}`;
}

/** The id of the workflow that tells it. */
export const notificationWorkflowIdFor = (notificationId: string) => `message-notification:${notificationId}`;
