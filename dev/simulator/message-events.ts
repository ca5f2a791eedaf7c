import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';
import type { PhoneBehaviour } from './phone-behaviour.js';
import type { Phones } from './phones.js';
import type { QueuedMessage } from './queued-message.js';

/** A decoded event body, in the form of RBM's "Receive events". */
export type EventBody = Readonly<Record<string, unknown>>;

/** Posts the events that a phone's behaviour reports about a message, each at its time. */
export interface MessageEvents {
  /** The phone has shown the message. `deliveredDelay`, in ms, overrides the behaviour's. */
  readonly shown: (message: QueuedMessage, deliveredDelay?: number) => void;
  /** The message has expired. `before` is its state just before. */
  readonly expired: (message: QueuedMessage, before: QueuedMessage['state']) => void;
}

export interface MessageEventsDeps {
  readonly clock: Clock;
  readonly phones: Phones;
  readonly timeScale: number;
  readonly post: (body: EventBody) => void;
}

const newId = (prefix: string) => `${prefix}${randomBytes(12).toString('base64url')}`;

export function createMessageEvents({ clock, phones, timeScale, post }: MessageEventsDeps): MessageEvents {
  const inTime = () => new Date(clock.now()).toISOString();
  const at = (ms: number, event: () => EventBody, copies = 1) => {
    clock.setTimer(ms * timeScale, () => {
      const body = event();
      for (let copy = 0; copy < copies; copy += 1) post(body);
    });
  };
  /** A user event: the phone sends it, so it has `senderPhoneNumber`. */
  const user = (message: QueuedMessage, eventType: string, withMessage = true) => ({
    senderPhoneNumber: message.phone,
    agentId: `${message.agentId}@rbm.goog`,
    eventType,
    eventId: newId('Mx'),
    ...(withMessage ? { messageId: message.messageId } : {}),
    sendTime: inTime(),
  });
  /** A server event: RBM sends it, so it has `phoneNumber`. */
  const server = (message: QueuedMessage, eventType: string) => ({
    phoneNumber: message.phone,
    agentId: `${message.agentId}@rbm.goog`,
    messageId: message.messageId,
    eventType,
    eventId: newId(''),
    sendTime: inTime(),
  });
  /** A user's message. It has no eventType, and its messageId is not the agent message's. */
  const reply = (message: QueuedMessage, { text, postbackData }: NonNullable<PhoneBehaviour['events']['reply']>) => ({
    senderPhoneNumber: message.phone,
    agentId: `${message.agentId}@rbm.goog`,
    messageId: newId('Um'),
    sendTime: inTime(),
    ...(postbackData === undefined ? { text } : { suggestionResponse: { postbackData, text, type: 'REPLY' } }),
  });

  return {
    shown(message, deliveredDelay) {
      const { events } = phones.behaviourOf(message.phone);
      const first = deliveredDelay ?? events.deliveredDelay;
      const second = first + events.readDelay;
      const early = events.readBeforeDelivered;
      if (events.delivered !== 'never') {
        const copies = events.delivered === 'twice' ? 2 : 1;
        at(early ? second : first, () => user(message, 'DELIVERED'), copies);
      }
      if (events.read || early) at(early ? first : second, () => user(message, 'READ'));
      if (events.typing) at(second, () => user(message, 'IS_TYPING', false));
      if (events.unknownEvent) at(first, () => user(message, 'PONDERED'));
      const answer = events.reply;
      if (answer !== undefined) at(second, () => reply(message, answer));
    },
    expired(message, before) {
      const { events } = phones.behaviourOf(message.phone);
      const type = ttlEventType(events, before);
      if (type !== undefined) at(events.ttlEventDelay, () => server(message, type));
    },
  };
}

function ttlEventType(
  { ttlEvent, ttlEventAfterDelete }: PhoneBehaviour['events'],
  before: QueuedMessage['state'],
): string | undefined {
  switch (before) {
    case 'shown':
      return ttlEvent === 'afterDelivered' ? 'TTL_EXPIRATION_REVOKED' : undefined;
    case 'revoked':
      return ttlEventAfterDelete ? 'TTL_EXPIRATION_REVOKED' : undefined;
    case 'queued':
      return QUEUED_EVENT[ttlEvent];
  }
}

const QUEUED_EVENT: Readonly<Record<PhoneBehaviour['events']['ttlEvent'], string | undefined>> = {
  revoked: 'TTL_EXPIRATION_REVOKED',
  afterDelivered: 'TTL_EXPIRATION_REVOKED',
  revokeFailed: 'TTL_EXPIRATION_REVOKE_FAILED',
  unknown: 'TTL_EXPIRATION_PENDING',
  none: undefined,
};
