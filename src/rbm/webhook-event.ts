import { z } from 'zod';
import { bareAgentId } from '../contract/ids.js';
import { MAX_EVENT_ID, MAX_SEND_TIME } from '../contract/messages.js';
import { AGENT_ID_PATTERN, UUID_PATTERN } from '../contract/patterns.js';
import { jsonOfBytes } from '../http/json-of-bytes.js';
import { optOutKeywordOf } from './opt-out-keywords.js';
import type { MessageEventKind, RbmEvent } from './rbm-event.js';

/** A malformed optional field counts as absent, so that a change at RBM does not break the webhook. */
const text = z.string().min(1).max(2048).optional().catch(undefined);
// The workflow drops an event with a longer id (src/workflows/handlers.ts).
const eventId = text.refine((id = '') => id.length <= MAX_EVENT_ID).catch(undefined);
/** The longest number, in characters. E.164 has 16, and some gateways write it with spaces. */
const MAX_NUMBER = 64;
const number = z.string().trim().min(1).max(MAX_NUMBER).optional().catch(undefined);
const Decoded = z.object({
  agentId: text,
  eventType: text,
  messageId: text,
  eventId,
  sendTime: z.iso.datetime({ offset: true }).max(MAX_SEND_TIME).optional().catch(undefined),
  senderPhoneNumber: number,
  phoneNumber: number,
  text: z.unknown().optional(),
  userFile: z.unknown().optional(),
  location: z.unknown().optional(),
  suggestionResponse: z.object({ postbackData: text }).optional().catch(undefined),
  regionId: text,
  oldLaunchState: text,
  newLaunchState: text,
});
type Decoded = z.infer<typeof Decoded>;

/**
 * Reads the decoded bytes of a signed envelope (RBM's UserEvent, ServerEvent, UserMessage, AgentLaunchEvent). Never throws.
 * `other`: well-formed but irrelevant here, such as an event about a message whose id is not a UUID.
 */
export function readRbmEvent(data: Buffer): RbmEvent {
  const decoded = Decoded.safeParse(jsonOfBytes(data));
  if (!decoded.success) return { kind: 'unreadable', reason: 'not a JSON object in UTF-8' };
  const event = decoded.data;
  const { eventType = '', newLaunchState } = event;
  const kind = messageEventKind(eventType);
  if (kind !== undefined) return messageEvent(kind, event);
  // RBM marks a launch event in the attributes, which are not signed.
  if (eventType === '' && newLaunchState !== undefined) return launchEvent(newLaunchState, event);
  return { ...otherEvent(eventType, event), ...personal(event) };
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
  if (!AGENT_ID_PATTERN.test(agentId) || !UUID_PATTERN.test(messageId)) return { kind: 'other', ...personal(event) };
  return { kind, agentId: bareAgentId(agentId), messageId: messageId.toLowerCase(), ...personal(event) };
}

function launchEvent(newLaunchState: string, event: Decoded): RbmEvent {
  const { regionId, oldLaunchState } = event;
  return {
    kind: 'agentLaunch',
    ...agentOf(event),
    ...(regionId !== undefined && { regionId }),
    ...(oldLaunchState !== undefined && { oldLaunchState }),
    newLaunchState,
    ...common(event),
  };
}

function otherEvent(eventType: string, event: Decoded) {
  const agent = agentOf(event);
  if (eventType === 'IS_TYPING') return { kind: 'typing', ...agent } as const;
  if (eventType === 'UNSUBSCRIBE') return { kind: 'unsubscribe', ...agent } as const;
  if (eventType === 'SUBSCRIBE') return { kind: 'subscribe', ...agent } as const;
  const content = [event.text, event.userFile, event.location, event.suggestionResponse];
  if (eventType !== '' || content.every((part) => part === undefined)) return { kind: 'other', ...agent } as const;
  return { kind: 'userMessage', ...agent, ...userMessageOf(event) } as const;
}

function userMessageOf({ messageId, text: written, suggestionResponse }: Decoded) {
  const postbackData = suggestionResponse?.postbackData;
  const keyword = typeof written === 'string' ? optOutKeywordOf(written) : undefined;
  return {
    ...(messageId !== undefined && messageId.length <= MAX_EVENT_ID && { userMessageId: messageId }),
    ...(postbackData !== undefined && { postbackData }),
    ...(keyword !== undefined && { keyword }),
  };
}

const agentOf = ({ agentId }: Decoded) => agentId !== undefined && { agentId: bareAgentId(agentId) };

function personal(event: Decoded) {
  const from = event.senderPhoneNumber ?? event.phoneNumber;
  return { ...common(event), ...(from !== undefined && { from }) };
}

function common({ eventId: id, sendTime }: Decoded) {
  return { ...(id !== undefined && { eventId: id }), ...(sendTime !== undefined && { sendTime }) };
}
