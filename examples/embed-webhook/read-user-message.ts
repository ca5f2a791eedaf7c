import type { VerifiedEvent } from 'rcs-message-delivery/webhook';

/** A user's text, or the suggestion that they tapped. RBM's page "Receive messages" lists all fields. */
export interface UserMessage {
  readonly senderPhoneNumber: string;
  readonly messageId: string;
  readonly text?: string;
  readonly suggestionResponse?: { readonly postbackData: string; readonly text: string };
}

/** Reads RBM's JSON, whose signature the webhook has checked. */
export function readUserMessage({ data }: VerifiedEvent): UserMessage {
  return JSON.parse(data.toString('utf8')) as UserMessage;
}
