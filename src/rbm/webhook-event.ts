import { z } from 'zod';
import { bareAgentId } from '../contract/ids.js';
import { MAX_EVENT_ID, MAX_SEND_TIME } from '../contract/messages.js';
import { AGENT_ID_PATTERN, UUID_PATTERN } from '../contract/patterns.js';
import { jsonOfBytes } from '../http/json-of-bytes.js';

/** One POST from RBM, as far as it can be read before its signature is checked. */
export type WebhookBody =
  /** RBM "Webhooks", verification: answered with the bare secret if the clientToken is a configured one. */
  | { readonly kind: 'handshake'; readonly clientToken: string; readonly secret: string }
  /** `data`: the decoded bytes of message.data. The signature covers exactly these. */
  | { readonly kind: 'envelope'; readonly data: Buffer }
  | { readonly kind: 'unreadable'; readonly reason: string };

const Envelope = z.object({ message: z.object({ data: z.string().min(1) }) });
const Handshake = z.object({ message: z.undefined().optional(), clientToken: z.string(), secret: z.string() });
/** Base64 may be broken into lines (RFC 2045). */
const WHITESPACE = /[ \t\r\n\f]+/g;
/** Standard or URL-safe alphabet, padded or not. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Reads the JSON value of a POST. Never throws. Ignores attributes and subscription, which are not signed. */
export function parseWebhookBody(body: unknown): WebhookBody {
  const handshake = Handshake.safeParse(body);
  if (handshake.success) {
    const { clientToken, secret } = handshake.data;
    return { kind: 'handshake', clientToken, secret };
  }
  const envelope = Envelope.safeParse(body);
  if (!envelope.success) return { kind: 'unreadable', reason: 'neither a handshake nor an envelope with message.data' };
  const data = envelope.data.message.data.replace(WHITESPACE, '');
  if (!BASE64.test(data)) return { kind: 'unreadable', reason: 'message.data is not base64' };
  return { kind: 'envelope', data: Buffer.from(data, 'base64') };
}

interface Common {
  /** On user events, assigned by the user's RCS client (RBM "UserEvent"). */
  readonly eventId?: string;
  /** RFC 3339. Some of RBM's samples lack it. */
  readonly sendTime?: string;
}

type MessageEventKind = 'delivered' | 'read' | 'ttlExpirationRevoked' | 'ttlExpirationRevokeFailed';

export type RbmEvent =
  | (Common & {
      /** `ttlExpirationRevokeFailed` includes every unknown TTL_* event: all are inconclusive (RBM "Send messages"). */
      readonly kind: MessageEventKind;
      /** Without `@rbm.goog`. */
      readonly agentId: string;
      /** The agentMessage's id, a UUID in lower case. */
      readonly messageId: string;
    })
  | (Common & {
      readonly kind: 'typing' | 'subscription' | 'other';
      readonly agentId?: string;
    })
  | (Common & {
      readonly kind: 'userMessage';
      readonly agentId?: string;
      /** The data that the agent gave a tapped suggestion. A user message names no agentMessage otherwise. */
      readonly postbackData?: string;
    })
  | { readonly kind: 'unreadable'; readonly reason: string };

/** A malformed optional field counts as absent, so that a change at RBM does not break the webhook. */
const text = z.string().min(1).max(2048).optional().catch(undefined);
const Decoded = z.object({
  agentId: text,
  eventType: text,
  messageId: text,
  // The workflow drops an event with a longer id (src/workflows/handlers.ts).
  eventId: text.refine((id = '') => id.length <= MAX_EVENT_ID).catch(undefined),
  sendTime: z.iso.datetime({ offset: true }).max(MAX_SEND_TIME).optional().catch(undefined),
  text: z.unknown().optional(),
  userFile: z.unknown().optional(),
  location: z.unknown().optional(),
  suggestionResponse: z.object({ postbackData: text }).optional().catch(undefined),
});
type Decoded = z.infer<typeof Decoded>;

/**
 * Reads the decoded bytes of a signed envelope (RBM's UserEvent, ServerEvent, UserMessage, AgentLaunchEvent). Never throws.
 * `other`: well-formed but irrelevant here, such as an event about a message whose id is not a UUID.
 */
export function readRbmEvent(data: Buffer): RbmEvent {
  const decoded = Decoded.safeParse(jsonOfBytes(data));
  if (!decoded.success) return { kind: 'unreadable', reason: 'not a JSON object in UTF-8' };
  const { eventType = '' } = decoded.data;
  const kind = messageEventKind(eventType);
  if (kind !== undefined) return messageEvent(kind, decoded.data);
  return { ...otherEvent(eventType, decoded.data), ...common(decoded.data) };
}

function messageEventKind(eventType: string): MessageEventKind | undefined {
  if (eventType === 'DELIVERED') return 'delivered';
  if (eventType === 'READ') return 'read';
  if (eventType === 'TTL_EXPIRATION_REVOKED') return 'ttlExpirationRevoked';
  return eventType.startsWith('TTL_') ? 'ttlExpirationRevokeFailed' : undefined;
}

function messageEvent(kind: MessageEventKind, event: Decoded): RbmEvent {
  const { agentId, messageId } = event;
  if (agentId === undefined || messageId === undefined) {
    return { kind: 'unreadable', reason: `${agentId === undefined ? 'agentId' : 'messageId'} is missing` };
  }
  // Every delivery has ids of this form. Others belong to another system.
  if (!AGENT_ID_PATTERN.test(agentId) || !UUID_PATTERN.test(messageId)) return { kind: 'other', ...common(event) };
  return { kind, agentId: bareAgentId(agentId), messageId: messageId.toLowerCase(), ...common(event) };
}

function otherEvent(eventType: string, event: Decoded) {
  const agent = event.agentId !== undefined && { agentId: bareAgentId(event.agentId) };
  if (eventType === 'IS_TYPING') return { kind: 'typing', ...agent } as const;
  if (eventType === 'SUBSCRIBE' || eventType === 'UNSUBSCRIBE') return { kind: 'subscription', ...agent } as const;
  const { suggestionResponse } = event;
  const content = [event.text, event.userFile, event.location, suggestionResponse];
  if (eventType !== '' || content.every((part) => part === undefined)) return { kind: 'other', ...agent } as const;
  const postbackData = suggestionResponse?.postbackData;
  return { kind: 'userMessage', ...agent, ...(postbackData !== undefined && { postbackData }) } as const;
}

function common({ eventId, sendTime }: Decoded): Common {
  return { ...(eventId !== undefined && { eventId }), ...(sendTime !== undefined && { sendTime }) };
}
