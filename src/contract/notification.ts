import type { DeliveryId } from './ids.js';
import type { Channel, EndReason, Outcome, Phase, SmsSummary } from './status.js';

/**
 * The body of one POST to the business about a delivery that was started with `notify`, in the form that the Standard
 * Webhooks spec recommends. Holds no phone number and no text of a message.
 */
export interface DeliveryNotification {
  readonly type: 'delivery.phase' | 'delivery.settled';
  /** When the delivery came to this phase or outcome, RFC 3339. */
  readonly timestamp: string;
  readonly data: {
    /** Which notification of this delivery it is, from 1. They may arrive in another order: the highest counts. */
    readonly sequence: number;
    readonly agentId: string;
    readonly messageId: string;
    readonly campaignId?: string;
    readonly status: Phase | Outcome;
    /** `null` until the delivery settles. */
    readonly outcome: Outcome | null;
    readonly channel: Channel;
    /** True if the person got, or may have got, both the RCS message and the SMS. */
    readonly duplicate: boolean;
    readonly expireTime: string;
    /** Why the RCS leg ended without a delivery. Absent while it lasts, and if it delivered. */
    readonly reason?: EndReason;
    readonly sms?: SmsSummary;
  };
}

export const NOTIFICATION_WORKFLOW_TYPE = 'messageNotification';

/** The input of the workflow `messageNotification`: one POST, repeated until it is accepted. */
export interface MessageNotificationInput {
  readonly url: string;
  /** The `webhook-id`, the same on every attempt, so that a receiver can ignore a repeat. */
  readonly id: string;
  readonly notification: DeliveryNotification;
}

/**
 * The `webhook-id`. It includes the status: after an operator resets the workflow, the n-th notification may differ.
 */
export function notificationIdFor({ data: { agentId, messageId, sequence, status } }: DeliveryNotification): string {
  return `${agentId}:${messageId}:${String(sequence)}:${status}`;
}

/** The id of the workflow that sends the notification. */
export const notificationWorkflowIdFor = (notificationId: string) => `message-notification:${notificationId}`;

/** The sequence number in such a workflow id; undefined if it is none. */
export function sequenceIn(workflowId: string): number | undefined {
  const [, sequence] = /^message-notification:[^:]+:[^:]+:(\d{1,9}):[A-Z_]+$/.exec(workflowId) ?? [];
  return sequence === undefined ? undefined : Number(sequence);
}

/** Which notification a workflow sends. */
export interface NotificationPlace extends DeliveryId {
  readonly sequence: number;
  /** The phase or outcome that it speaks of. */
  readonly status: string;
}

const WORKFLOW_ID = /^message-notification:([^:]+):([0-9a-f-]{36}):(\d{1,9}):([A-Z_]+)$/;

/** The inverse of {@link notificationWorkflowIdFor}; undefined if the id is not that of a notification. */
export function parseNotificationWorkflowId(workflowId: string): NotificationPlace | undefined {
  const [, agentId, messageId, sequence, status] = WORKFLOW_ID.exec(workflowId) ?? [];
  if (agentId === undefined || messageId === undefined || status === undefined) return undefined;
  return { agentId, messageId, sequence: Number(sequence), status };
}
