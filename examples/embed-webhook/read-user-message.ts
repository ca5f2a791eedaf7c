import type { RawEvent } from 'rcs-message-delivery/webhook';

/** What a user wrote, or which suggestion they tapped. RBM "Receive messages" has all fields. */
export interface UserMessage {
  readonly senderPhoneNumber: string;
  readonly messageId: string;
  readonly text?: string;
  readonly suggestionResponse?: { readonly postbackData: string; readonly text: string };
}

/** The webhook has checked the signature; the event is JSON in base64 inside Pub/Sub's envelope. */
export function readUserMessage({ body }: RawEvent): UserMessage {
  const { message } = JSON.parse(body.toString('utf8')) as { message: { data: string } };
  return JSON.parse(Buffer.from(message.data, 'base64').toString('utf8')) as UserMessage;
}
