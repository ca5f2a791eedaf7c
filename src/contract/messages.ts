import type { QueryDefinition, SignalDefinition, UpdateDefinition } from '@temporalio/common';
import type { DeliveryStatus } from './status.js';

/** The longest `eventId` and `sendTime`, in characters. A delivery ignores a signal with longer ones. */
export const MAX_EVENT_ID = 512;
export const MAX_SEND_TIME = 64;

/** An event of RBM's webhook about a message. Each event has a signal name of its own, so that a history reads well. */
export interface RbmEventSignal {
  /** RBM's eventId. */
  readonly eventId: string;
  /** RBM's sendTime, RFC 3339; the time at which the webhook got the event if RBM gave none. */
  readonly sendTime: string;
  /** The phone number in the event, E.164. The delivery ignores an event from another number than its recipient's. */
  readonly from?: string;
}

/** The SMS provider's receipt. */
export interface SmsStatusSignal extends Omit<RbmEventSignal, 'from'> {
  readonly status: 'SENT' | 'DELIVERED' | 'UNDELIVERED';
}

const signal = <Payload>(name: string): SignalDefinition<[Payload]> =>
  ({ type: 'signal', name }) as SignalDefinition<[Payload]>;

export const deliveredSignal = signal<RbmEventSignal>('delivered');
export const readSignal = signal<RbmEventSignal>('read');
/** The person replied to this message, which implies its delivery. */
export const repliedSignal = signal<RbmEventSignal>('replied');
export const ttlExpirationRevokedSignal = signal<RbmEventSignal>('ttlExpirationRevoked');
/** Also for TTL events of an unknown kind: by RBM's "Send messages" page they are inconclusive. */
export const ttlExpirationRevokeFailedSignal = signal<RbmEventSignal>('ttlExpirationRevokeFailed');
export const smsStatusSignal = signal<SmsStatusSignal>('smsStatus');

/** The person has opted out. A delivery that honours opt-outs revokes its message and sends no SMS; others ignore it. */
export interface OptedOutSignal {
  /** Where the opt-out came from, such as `rbm`. No personal data. */
  readonly source: string;
  /** When the person opted out, RFC 3339. */
  readonly sendTime: string;
}
export const optedOutSignal = signal<OptedOutSignal>('optedOut');

export const statusQuery = { type: 'query', name: 'status' } as QueryDefinition<DeliveryStatus>;

export interface RevokeNowInput {
  /** Why, for the timeline: 1 to 200 characters, no personal data. */
  readonly reason: string;
  /** Whether the SMS follows once the message is revoked. */
  readonly fallback: 'sms' | 'none';
}
export interface ChangeExpiryInput {
  /** RFC 3339, in the future, within 15 days. */
  readonly expireTime: string;
}

const update = <Input>(name: string): UpdateDefinition<DeliveryStatus, [Input]> =>
  ({ type: 'update', name }) as UpdateDefinition<DeliveryStatus, [Input]>;

/** Updates, not signals: the operator has to learn whether the change came in time. */
export const revokeNowUpdate = update<RevokeNowInput>('revokeNow');
export const changeExpiryUpdate = update<ChangeExpiryInput>('changeExpiry');
