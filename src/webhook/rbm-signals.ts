import {
  deliveredSignal,
  readSignal,
  repliedSignal,
  ttlExpirationRevokedSignal,
  ttlExpirationRevokeFailedSignal,
  type RbmEventSignal,
} from '../contract/messages.js';
import type { DeliveryId } from '../contract/ids.js';
import { AGENT_ID_PATTERN } from '../contract/patterns.js';
import type { RbmEvent } from '../rbm/rbm-event.js';
import type { EventSignal } from './signal-once.js';

/** The events about one agentMessage. */
export type MessageEvent = Extract<RbmEvent, { readonly messageId: string }>;
type UserMessage = Extract<RbmEvent, { readonly kind: 'userMessage' }>;

const DEFINITIONS = {
  delivered: deliveredSignal,
  read: readSignal,
  ttlExpirationRevoked: ttlExpirationRevokedSignal,
  ttlExpirationRevokeFailed: ttlExpirationRevokeFailedSignal,
} as const;

/** Returns the signal for an event. `receivedAt` is used where RBM gave no sendTime. */
export function signalOf(event: MessageEvent, receivedAt: Date): EventSignal<RbmEventSignal> {
  const { kind, agentId, messageId } = event;
  return {
    delivery: { agentId, messageId },
    kind,
    from: event.from,
    proof: kind === 'delivered' || kind === 'read',
    definition: DEFINITIONS[kind],
    payload: payloadOf(event, { kind, messageId, receivedAt }),
  };
}

/** How many deliveries one reply can signal at most. Each costs a call to Temporal. */
const MAX_REPLIED = 4;
/** A UUID that is not part of a longer word or id. */
const UUID_TOKEN = /(?<![0-9A-Za-z-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z-])/gi;

/**
 * Returns the signals for the deliveries that a tapped suggestion replies to. RBM does not say which message a reply
 * answers, so the sender puts the messageId into the suggestion's postbackData, alone or within a longer text.
 */
export function repliesOf(event: UserMessage, receivedAt: Date): EventSignal<RbmEventSignal>[] {
  const { agentId, postbackData = '' } = event;
  // `@rbm.goog` was already removed, so an id with another suffix is somebody else's.
  if (agentId === undefined || !AGENT_ID_PATTERN.test(agentId) || agentId.includes('@')) return [];
  const ids = new Set([...postbackData.matchAll(UUID_TOKEN)].map(([id]) => id.toLowerCase()));
  return [...ids].slice(0, MAX_REPLIED).map((messageId) => replySignal(event, { agentId, messageId }, receivedAt));
}

function replySignal(event: UserMessage, delivery: DeliveryId, receivedAt: Date): EventSignal<RbmEventSignal> {
  const { messageId } = delivery;
  const payload = payloadOf(event, { kind: 'replied', messageId, receivedAt });
  return { delivery, kind: 'replied', from: event.from, proof: true, definition: repliedSignal, payload };
}

function payloadOf(
  { eventId, sendTime, from }: Pick<MessageEvent, 'eventId' | 'sendTime' | 'from'>,
  { kind, messageId, receivedAt }: { readonly kind: string; readonly messageId: string; readonly receivedAt: Date },
): RbmEventSignal {
  return {
    eventId: eventId ?? `${kind}:${messageId}`,
    sendTime: sendTime ?? receivedAt.toISOString(),
    ...(from !== undefined && { from }),
  };
}
