/** What identifies a message at RBM. */
export interface MessageId {
  readonly agentId: string;
  readonly messageId: string;
  readonly phone: string;
}

export interface NewMessage extends MessageId {
  /** Epoch milliseconds. Absent: RBM holds the message for 30 days. */
  readonly expireTime?: number;
  readonly text?: string;
}

/** A message that RBM has accepted. It is `queued` until the phone shows it or it is revoked. */
export interface QueuedMessage extends NewMessage {
  /** Epoch milliseconds. */
  readonly sendTime: number;
  state: 'queued' | 'shown' | 'revoked';
}
