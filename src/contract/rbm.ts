import { DAY } from './duration.js';

/** RBM's message traffic types (RBM reference, AgentMessage.messageTrafficType), without UNSPECIFIED. */
export const MESSAGE_TRAFFIC_TYPES = [
  'AUTHENTICATION',
  'TRANSACTION',
  'PROMOTION',
  'SERVICEREQUEST',
  'ACKNOWLEDGEMENT',
] as const;
export type MessageTrafficType = (typeof MESSAGE_TRAFFIC_TYPES)[number];

/** RBM holds a message for at most 15 days after its submission (RBM "Send messages"; reference, AgentMessage.ttl). */
export const MAX_TTL_MS = 15 * DAY;

/** The longest serialized AgentMessage that RBM accepts (RBM reference, AgentMessage). Bytes. */
export const MAX_CONTENT_BYTES = 250_000;
