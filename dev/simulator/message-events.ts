import type { Clock } from './clock.js';
import type { PhoneBehaviour } from './phone-behaviour.js';
import type { Phones } from './phones.js';
import type { QueuedMessage } from './queued-message.js';
import type { EventBody } from './rbm-events.js';
import { serverEvent, userEvent, userMessage } from './rbm-events.js';

type Reply = NonNullable<PhoneBehaviour['events']['reply']>;
type Stranger = PhoneBehaviour['events']['fromOthers'][number];

/** Posts the events that a phone's behaviour reports about a message, each at its time. */
export interface MessageEvents {
  /** RBM has the message. */
  readonly accepted: (message: QueuedMessage) => void;
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

export function createMessageEvents({ clock, phones, timeScale, post }: MessageEventsDeps): MessageEvents {
  const inTime = () => new Date(clock.now()).toISOString();
  const at = (ms: number, event: () => EventBody, copies = 1) => {
    clock.setTimer(ms * timeScale, () => {
      const body = event();
      for (let copy = 0; copy < copies; copy += 1) post(body);
    });
  };
  /** `from`: the script's other number, in place of the phone's own. */
  const subject = ({ phone, agentId }: QueuedMessage, from = phone) => ({ phone: from, agentId });
  const user = (message: QueuedMessage, eventType: string, withMessage = true) => ({
    ...userEvent(subject(message, phones.behaviourOf(message.phone).events.from), eventType),
    ...(withMessage ? { messageId: message.messageId } : {}),
    sendTime: inTime(),
  });
  const server = (message: QueuedMessage, eventType: string, from = phones.behaviourOf(message.phone).events.from) => ({
    ...serverEvent(subject(message, from), eventType),
    messageId: message.messageId,
    sendTime: inTime(),
  });
  const reply = (message: QueuedMessage, { text, postbackData, type, bare }: Reply) => {
    const content = postbackData === undefined ? { text } : { suggestionResponse: { postbackData, text, type } };
    const { from } = phones.behaviourOf(message.phone).events;
    return userMessage(subject(message, from), content, bare ? undefined : inTime());
  };
  /** An event about the message that another number sent, or that names another number. */
  const stranger = (message: QueuedMessage, { eventType, from }: Stranger) => {
    if (eventType.startsWith('TTL_')) return server(message, eventType, from);
    const { messageId } = message;
    return { ...userEvent(subject(message, from), eventType), messageId, sendTime: inTime() };
  };

  return {
    accepted(message) {
      for (const other of phones.behaviourOf(message.phone).events.fromOthers)
        at(other.after, () => stranger(message, other));
    },
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
