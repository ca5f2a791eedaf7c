import type { Carriers } from './carriers.js';
import type { Clock } from './clock.js';
import type { MessageEvents } from './message-events.js';
import type { OptOuts } from './opt-outs.js';
import type { Phones } from './phones.js';
import type { MessageId, NewMessage, QueuedMessage } from './queued-message.js';
import type { Truth } from './truth.js';

/**
 * How DELETE is answered. RBM's pages contradict each other (docs/rbm.md), so the simulator can follow either reading.
 */
interface RevocationReading {
  /** `new`: 200 = revoked, 404 = delivered or unknown. `old`: 200 whether or not revoked. */
  readonly deleteReading: 'new' | 'old';
  /** The answer to a DELETE of a revoked message. Undocumented. */
  readonly secondDelete: 200 | 404;
}

type CreateOutcome =
  | { readonly kind: 'accepted' | 'duplicate'; readonly message: QueuedMessage }
  | { readonly kind: 'notFound' };

/** RBM's platform and the phones behind it, without HTTP: what really happens. */
export interface Platform {
  readonly create: (message: NewMessage) => CreateOutcome;
  /** Revokes a message that is still queued. `status` is the HTTP status under the reading in force. */
  readonly revoke: (id: MessageId) => { readonly status: 200 | 404; readonly revoked: boolean };
  /** Whether the agent reaches the phone by RCS. */
  readonly isReachable: (phone: string, agentId: string) => boolean;
  /** Whether the phone has RCS, with any agent. */
  readonly hasRcs: (phone: string) => boolean;
  /** Takes an id for an agentEvent: events and messages share their ids. False if it was used. */
  readonly useId: (id: Omit<MessageId, 'phone'>) => boolean;
  /** Shows the phone all messages queued for it, as if it were online for a moment. */
  readonly bringOnline: (phone: string) => void;
}

export interface PlatformDeps {
  readonly clock: Clock;
  readonly phones: Phones;
  readonly truth: Truth;
  readonly events: MessageEvents;
  readonly carriers: Carriers;
  readonly optOuts: OptOuts;
  readonly reading: () => RevocationReading;
  /** Multiplies the phones' delays, never an expiry that a caller asked for. */
  readonly timeScale: number;
}

/** RBM holds a message without a ttl for 30 days (RBM "Send messages"), then deletes it without an event. */
const LONGEST_HOLD = 30 * 86_400_000;

const keyOf = ({ agentId, messageId }: Omit<MessageId, 'phone'>) => `${agentId}/${messageId.toLowerCase()}`;

export function createPlatform(deps: PlatformDeps): Platform {
  const { clock, phones, truth, events, carriers, optOuts, reading, timeScale } = deps;
  const messages = new Map<string, QueuedMessage>();
  const eventIds = new Set<string>();
  const hasRcs = (phone: string) => phones.behaviourOf(phone).rcs !== 'notRcs';
  const isReachable = (phone: string, agentId: string) => hasRcs(phone) && carriers.isLaunched(agentId, phone);

  function show(message: QueuedMessage, deliveredDelay?: number) {
    if (message.state !== 'queued') return;
    message.state = 'shown';
    const { messageId, phone, text } = message;
    const at = clock.now();
    const record = truth.of(messageId);
    const unwanted = optOuts.isUnwanted(record, { channel: 'rcs', phone });
    record.rcs += 1;
    record.shownAt ??= at;
    if (unwanted) record.afterOptOut += 1;
    truth.received(phone, {
      ...{ channel: 'RCS', messageId, at },
      ...(text === undefined ? {} : { text }),
      ...(unwanted ? { afterOptOut: true } : {}),
    });
    events.shown(message, deliveredDelay);
    optOuts.happened('shown', message);
  }

  function markRevoked(message: QueuedMessage, by: 'delete' | 'expiry') {
    message.state = 'revoked';
    const record = truth.of(message.messageId);
    record.revokedAt = clock.now();
    record.revokedBy = by;
    optOuts.happened('revoked', message);
  }

  /**
   * RBM's own revocation at the expiry. Delivery and expiry run in parallel, so the phone may still get the message.
   */
  function expire(message: QueuedMessage) {
    const { atExpiry, events: reports } = phones.behaviourOf(message.phone);
    const before = message.state;
    if (before === 'queued') {
      switch (atExpiry ?? (reports.ttlEvent === 'revokeFailed' ? 'keep' : 'revoke')) {
        case 'revoke':
          markRevoked(message, 'expiry');
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
      if (eventIds.has(keyOf(request)))
        return { kind: 'duplicate', message: { ...request, sendTime: clock.now(), state: 'revoked' } };
      if (!isReachable(request.phone, request.agentId)) return { kind: 'notFound' };
      const message: QueuedMessage = { ...request, sendTime: clock.now(), state: 'queued' };
      messages.set(keyOf(request), message);
      const record = truth.of(request.messageId);
      record.acceptedAt = message.sendTime;
      if (request.expireTime !== undefined) record.expireTime = request.expireTime;
      schedule(message);
      events.accepted(message);
      optOuts.happened('accepted', message);
      return { kind: 'accepted', message };
    },
    revoke(id) {
      const message = messages.get(keyOf(id));
      const { deleteReading, secondDelete } = reading();
      const undelivered = deleteReading === 'old' ? 200 : 404;
      if (message?.phone !== id.phone) return { status: undelivered, revoked: false };
      if (message.state === 'shown') return { status: undelivered, revoked: false };
      if (message.state === 'revoked') return { status: secondDelete, revoked: false };
      const { deliverWhileRevoking: race } = phones.behaviourOf(id.phone);
      if (race !== undefined) {
        show(message, race.deliveredAfter);
        return { status: race.answer ?? undelivered, revoked: false };
      }
      markRevoked(message, 'delete');
      return { status: 200, revoked: true };
    },
    isReachable,
    hasRcs,
    useId(id) {
      const key = keyOf(id);
      if (messages.has(key) || eventIds.has(key)) return false;
      eventIds.add(key);
      return true;
    },
    bringOnline(phone) {
      for (const message of messages.values()) if (message.phone === phone) show(message);
    },
  };
}
