import { randomBytes } from 'node:crypto';
import { userMessageClassification } from './us-billing.js';

/** A decoded event body, in the form of RBM's "Receive events". */
export type EventBody = Readonly<Record<string, unknown>>;

/** Whom an event is about. */
interface Subject {
  readonly phone: string;
  /** Without `@rbm.goog`. */
  readonly agentId: string;
}

const newId = (prefix: string): string => `${prefix}${randomBytes(12).toString('base64url')}`;

/** A UserEvent: the phone sends it, so it has `senderPhoneNumber`. */
export const userEvent = ({ phone, agentId }: Subject, eventType: string) => ({
  senderPhoneNumber: phone,
  agentId: `${agentId}@rbm.goog`,
  eventType,
  eventId: newId('Mx'),
});

/** A ServerEvent: RBM sends it, so it has `phoneNumber`. */
export const serverEvent = ({ phone, agentId }: Subject, eventType: string) => ({
  phoneNumber: phone,
  agentId: `${agentId}@rbm.goog`,
  eventType,
  eventId: newId(''),
});

/** What a user sends: a text, or a tapped suggestion. */
type UserContent =
  | { readonly text: string }
  | {
      readonly suggestionResponse: {
        readonly postbackData: string;
        readonly text: string;
        readonly type: 'REPLY' | 'ACTION';
      };
    };

/**
 * A UserMessage. It has no eventType, and its messageId is the user's own. From the US, it carries a classification.
 * Without a sendTime it has no messageId either, as Google's sample of a tap.
 */
export const userMessage = ({ phone, agentId }: Subject, content: UserContent, sendTime?: string): EventBody => ({
  senderPhoneNumber: phone,
  agentId: `${agentId}@rbm.goog`,
  ...(sendTime === undefined ? {} : { messageId: newId('Um'), sendTime }),
  ...content,
  ...userMessageClassification(phone, content),
});
