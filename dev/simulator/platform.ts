import type { Clock } from './clock.js';
import type { MessageEvents } from './message-events.js';
import type { Phones } from './phones.js';
import type { Truth } from './truth.js';

/** What the reading in force says of a DELETE (docs/rbm.md: Google's pages contradict each other). */
export interface RevocationReading {
  /** `new`: 200 = revoked, 404 = delivered or unknown. `old`: 200 whether or not revoked. */
  readonly deleteReading: 'new' | 'old';
  /** DELETE of an id already revoked: undocumented. */
  readonly secondDelete: 200 | 404;
}

export interface MessageId {
  readonly agentId: string;
  readonly messageId: string;
  readonly phone: string;
}

export interface NewMessage extends MessageId {
  /** The instant of expiry in ms; nothing = held for 30 days. */
  readonly expireTime?: number;
  readonly text?: string;
}

/** A message in the platform's hands. `queued` until the phone shows it or it is taken back. */
export interface QueuedMessage extends NewMessage {
  readonly sendTime: number;
  state: 'queued' | 'shown' | 'revoked';
}

export type CreateOutcome =
  { readonly kind: 'accepted' | 'duplicate'; readonly message: QueuedMessage } | { readonly kind: 'unreachable' };

/** The RBM platform and the phones behind it: what really happens, and nothing of HTTP. */
export interface Platform {
  readonly create: (message: NewMessage) => CreateOutcome;
  /** Takes back what is still queued. `status` is what the reading in force answers. */
  readonly revoke: (id: MessageId) => { readonly status: 200 | 404; readonly revoked: boolean };
  readonly isReachable: (phone: string) => boolean;
  /** The phone is online for a moment: it gets all that is queued for it. */
  readonly bringOnline: (phone: string) => void;
}

export interface PlatformDeps {
  readonly clock: Clock;
  readonly phones: Phones;
  readonly truth: Truth;
  readonly events: MessageEvents;
  readonly reading: RevocationReading;
  /** Scales the phones' own delays; never an expiry that a caller asked for. */
  readonly timeScale: number;
}

/** Without a ttl a message is held for 30 days, then deleted without an event (RBM "Send messages"). */
const LONGEST_HOLD = 30 * 86_400_000;

const keyOf = ({ agentId, messageId }: MessageId) => `${agentId}/${messageId.toLowerCase()}`;

export function createPlatform({ clock, phones, truth, events, reading, timeScale }: PlatformDeps): Platform {
  const messages = new Map<string, QueuedMessage>();
  function show(message: QueuedMessage, deliveredDelay?: number) {
    if (message.state !== 'queued') return;
    message.state = 'shown';
    const { messageId, phone, text } = message;
    const at = clock.now();
    const record = truth.of(messageId);
    record.rcs += 1;
    record.shownAt ??= at;
    truth.received(phone, { channel: 'RCS', messageId, at, ...(text === undefined ? {} : { text }) });
    events.shown(message, deliveredDelay);
  }

  function takeBack(message: QueuedMessage, by: 'delete' | 'expiry') {
    message.state = 'revoked';
    const record = truth.of(message.messageId);
    record.revokedAt = clock.now();
    record.revokedBy = by;
  }

  /** The platform's own revocation: the dead man's switch. Delivery and expiry run in parallel, so all may happen. */
  function expire(message: QueuedMessage) {
    const { atExpiry, events: reports } = phones.behaviourOf(message.phone);
    const before = message.state;
    if (before === 'queued') {
      switch (atExpiry ?? (reports.ttlEvent === 'revokeFailed' ? 'keep' : 'revoke')) {
        case 'revoke':
          takeBack(message, 'expiry');
          break;
        case 'deliver':
          show(message);
          break;
        case 'keep':
          break;
      }
    }
    if (message.expireTime !== undefined) events.expired(message, before);
  }

  function schedule(message: QueuedMessage) {
    const { rcs, deliverAfter, backAfter } = phones.behaviourOf(message.phone);
    const expireAfter = message.expireTime === undefined ? LONGEST_HOLD : message.expireTime - message.sendTime;
    const online = rcs === 'deliver' ? deliverAfter : rcs === 'offlineThenBack' ? backAfter + deliverAfter : undefined;
    if (online !== undefined) {
      clock.setTimer(online * timeScale, () => {
        show(message);
      });
    }
    clock.setTimer(Math.max(0, expireAfter), () => {
      expire(message);
    });
  }

  return {
    create(request) {
      const known = messages.get(keyOf(request));
      if (known !== undefined) return { kind: 'duplicate', message: known };
      if (phones.behaviourOf(request.phone).rcs === 'notRcs') return { kind: 'unreachable' };
      const message: QueuedMessage = { ...request, sendTime: clock.now(), state: 'queued' };
      messages.set(keyOf(request), message);
      const record = truth.of(request.messageId);
      record.acceptedAt = message.sendTime;
      if (request.expireTime !== undefined) record.expireTime = request.expireTime;
      schedule(message);
      return { kind: 'accepted', message };
    },
    revoke(id) {
      const message = messages.get(keyOf(id));
      const undelivered = reading.deleteReading === 'old' ? 200 : 404;
      if (message?.phone !== id.phone) return { status: undelivered, revoked: false };
      if (message.state === 'shown') return { status: undelivered, revoked: false };
      if (message.state === 'revoked') return { status: reading.secondDelete, revoked: false };
      const { deliverWhileRevoking: race } = phones.behaviourOf(id.phone);
      if (race !== undefined) {
        show(message, race.deliveredAfter);
        return { status: race.answer ?? undelivered, revoked: false };
      }
      takeBack(message, 'delete');
      return { status: 200, revoked: true };
    },
    isReachable: (phone) => phones.behaviourOf(phone).rcs !== 'notRcs',
    bringOnline(phone) {
      for (const message of messages.values()) if (message.phone === phone) show(message);
    },
  };
}
