import type { QueryDefinition, SignalDefinition, UpdateDefinition } from '@temporalio/common';
import type { DeliveryStatus } from './status.js';

/** The longest `eventId` and `sendTime` that a delivery takes, in characters; a signal with longer ones is ignored. */
export const MAX_EVENT_ID = 512;
export const MAX_SEND_TIME = 64;

/** What RBM said of a message, by webhook. One signal name per event, so that a history reads well. */
export interface RbmEventSignal {
  /** RBM's eventId. */
  readonly eventId: string;
  /** RBM's sendTime, RFC 3339; the time of receipt where RBM gave none. */
  readonly sendTime: string;
}

/** The SMS provider's receipt. */
export interface SmsStatusSignal extends RbmEventSignal {
  readonly status: 'SENT' | 'DELIVERED' | 'UNDELIVERED';
}

const signal = <Payload>(name: string): SignalDefinition<[Payload]> =>
  ({ type: 'signal', name }) as SignalDefinition<[Payload]>;

export const deliveredSignal = signal<RbmEventSignal>('delivered');
export const readSignal = signal<RbmEventSignal>('read');
/** A reply of the user's to this message: it implies delivery. */
export const repliedSignal = signal<RbmEventSignal>('replied');
export const ttlExpirationRevokedSignal = signal<RbmEventSignal>('ttlExpirationRevoked');
/** Also for TTL events of an unknown kind: RBM "Send messages" says to treat those as inconclusive. */
export const ttlExpirationRevokeFailedSignal = signal<RbmEventSignal>('ttlExpirationRevokeFailed');
export const smsStatusSignal = signal<SmsStatusSignal>('smsStatus');

export const statusQuery = { type: 'query', name: 'status' } as QueryDefinition<DeliveryStatus>;

export interface RevokeNowInput {
  /** Why, for the timeline: 1 to 200 characters, no personal data. */
  readonly reason: string;
  /** Whether the person is reached by SMS once the message is taken back. */
  readonly fallback: 'sms' | 'none';
}
export interface ChangeExpiryInput {
  /** RFC 3339, in the future, within 15 days. */
  readonly expireTime: string;
}

const update = <Input>(name: string): UpdateDefinition<DeliveryStatus, [Input]> =>
  ({ type: 'update', name }) as UpdateDefinition<DeliveryStatus, [Input]>;

/** Updates, not signals: the operator must learn whether it came in time. */
export const revokeNowUpdate = update<RevokeNowInput>('revokeNow');
export const changeExpiryUpdate = update<ChangeExpiryInput>('changeExpiry');
