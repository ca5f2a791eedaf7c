import type { RawEvent } from 'rcs-message-delivery/webhook';

/** A user's text, or the suggestion that they tapped. RBM's page "Receive messages" lists all fields. */
export interface UserMessage {
  readonly senderPhoneNumber: string;
  readonly messageId: string;
  readonly text?: string;
  readonly suggestionResponse?: { readonly postbackData: string; readonly text: string };
}

/** Reads the message from Pub/Sub's envelope, which holds JSON as base64. The webhook has checked the signature. */
export function readUserMessage({ body }: RawEvent): UserMessage {
  const { message } = JSON.parse(body.toString('utf8')) as { message: { data: string } };
  return JSON.parse(Buffer.from(message.data, 'base64').toString('utf8')) as UserMessage;
}
