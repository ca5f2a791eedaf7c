import { z } from 'zod';
import { bareAgentId } from '../contract/ids.js';
import { MAX_EVENT_ID, MAX_SEND_TIME } from '../contract/messages.js';
import { AGENT_ID_PATTERN, UUID_PATTERN } from '../contract/patterns.js';
import { jsonOfBytes } from '../http/json-of-bytes.js';

/** A POST of RBM's, as far as it can be read before its signature is known to be right. */
export type WebhookBody =
  /** RBM "Webhooks", verification: answered with the bare secret when the clientToken is ours. */
  | { readonly kind: 'handshake'; readonly clientToken: string; readonly secret: string }
  /** `data`: the decoded bytes of message.data, which are what the signature covers. */
  | { readonly kind: 'envelope'; readonly data: Buffer }
  | { readonly kind: 'unreadable'; readonly reason: string };

const Envelope = z.object({ message: z.object({ data: z.string().min(1) }) });
const Handshake = z.object({ message: z.undefined().optional(), clientToken: z.string(), secret: z.string() });
/** Base64 may be broken into lines (RFC 2045). */
const WHITESPACE = /[ \t\r\n\f]+/g;
/** Standard or URL-safe alphabet, padded or not. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Reads the JSON value of a POST. Never throws. Attributes and subscription are not signed, so they are not looked at. */
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
  /** Assigned by the user's RCS client on user events (RBM reference, UserEvent). */
  readonly eventId?: string;
  /** RFC 3339. Some of RBM's own samples lack it. */
  readonly sendTime?: string;
}

export type RbmEvent =
  | (Common & {
      /** `ttlRevokeFailed` also stands for every TTL_* event of an unknown kind: inconclusive (RBM "Send messages"). */
      readonly kind: 'delivered' | 'read' | 'ttlRevoked' | 'ttlRevokeFailed';
      /** Without `@rbm.goog`. */
      readonly agentId: string;
      /** Of the agentMessage, a UUID in lower case. */
      readonly messageId: string;
    })
  | (Common & {
      readonly kind: 'typing' | 'subscription' | 'other';
      readonly agentId?: string;
    })
  | (Common & {
      readonly kind: 'userMessage';
      readonly agentId?: string;
      /** Of a tapped suggestion: what the agent put there. A user message names no agentMessage otherwise. */
      readonly postbackData?: string;
    })
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Wrong or absurd optional fields are as good as absent: RBM's future must not break us. */
const text = z.string().min(1).max(2048).optional().catch(undefined);
const Decoded = z.object({
  agentId: text,
  eventType: text,
  messageId: text,
  // What is longer, the workflow would not take (src/workflows/handlers.ts): the event would be lost.
  eventId: text.refine((id = '') => id.length <= MAX_EVENT_ID).catch(undefined),
  sendTime: z.iso.datetime({ offset: true }).max(MAX_SEND_TIME).optional().catch(undefined),
  text: z.unknown().optional(),
  userFile: z.unknown().optional(),
  location: z.unknown().optional(),
  suggestionResponse: z.object({ postbackData: text }).optional().catch(undefined),
});
type Decoded = z.infer<typeof Decoded>;

/**
 * Reads the decoded bytes of a signed envelope (UserEvent, ServerEvent, UserMessage, AgentLaunchEvent; RBM reference).
 * Never throws. `other`: well-formed and nothing to us, such as a message whose id is not a UUID and so not ours.
 */
export function readRbmEvent(data: Buffer): RbmEvent {
  const decoded = Decoded.safeParse(jsonOfBytes(data));
  if (!decoded.success) return { kind: 'unreadable', reason: 'not a JSON object in UTF-8' };
  const { eventType = '' } = decoded.data;
  const kind = messageEventKind(eventType);
  if (kind !== undefined) return messageEvent(kind, decoded.data);
  return { ...otherEvent(eventType, decoded.data), ...common(decoded.data) };
}

function messageEventKind(eventType: string) {
  if (eventType === 'DELIVERED') return 'delivered';
  if (eventType === 'READ') return 'read';
  if (eventType === 'TTL_EXPIRATION_REVOKED') return 'ttlRevoked';
  return eventType.startsWith('TTL_') ? 'ttlRevokeFailed' : undefined;
}

function messageEvent(kind: 'delivered' | 'read' | 'ttlRevoked' | 'ttlRevokeFailed', event: Decoded): RbmEvent {
  const { agentId, messageId } = event;
  if (agentId === undefined || messageId === undefined) {
    return { kind: 'unreadable', reason: `${agentId === undefined ? 'agentId' : 'messageId'} is missing` };
  }
  // Every delivery of ours has such ids, so another is another system's.
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
