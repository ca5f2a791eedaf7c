import type { OptOutKeyword } from './opt-out-keywords.js';

interface Common {
  /** On user events, assigned by the user's RCS client (RBM "UserEvent"). */
  readonly eventId?: string;
  /** RFC 3339. Some of RBM's samples lack it. */
  readonly sendTime?: string;
}

/** What concerns one person: a user event, a server event or a user message. */
interface Personal extends Common {
  /** The person's number: `senderPhoneNumber`, or `phoneNumber` in server events. E.164, if RBM keeps its promise. */
  readonly from?: string;
}

export type MessageEventKind = 'delivered' | 'read' | 'ttlExpirationRevoked' | 'ttlExpirationRevokeFailed';

/** One of RBM's events (RBM "Receive events"). `agentId` never has the suffix `@rbm.goog`. */
export type RbmEvent =
  | (Personal & {
      /** `ttlExpirationRevokeFailed` includes every unknown TTL_* event: all are inconclusive (RBM "Send messages"). */
      readonly kind: MessageEventKind;
      readonly agentId: string;
      /** The agentMessage's id, a UUID in lower case. */
      readonly messageId: string;
    })
  | (Personal & {
      /** `unsubscribe`: from now on only essential messages are allowed to this person (RBM "Receive events"). */
      readonly kind: 'unsubscribe' | 'subscribe';
      readonly agentId?: string;
    })
  | (Personal & {
      readonly kind: 'typing' | 'other';
      readonly agentId?: string;
    })
  | (Personal & {
      readonly kind: 'userMessage';
      readonly agentId?: string;
      /** The person's own id of this message. It is never that of an agentMessage. */
      readonly userMessageId?: string;
      /** The data that the agent gave a tapped suggestion. A user message names no agentMessage otherwise. */
      readonly postbackData?: string;
      /** Set if the whole text is such a word. The text itself stays in the event's bytes. */
      readonly keyword?: OptOutKeyword;
    })
  | (Common & {
      /** A carrier, or Google, has changed the state of an agent on one network. */
      readonly kind: 'agentLaunch';
      readonly agentId?: string;
      /** The carrier's network, such as `/v1/regions/fi-rcs`. */
      readonly regionId?: string;
      /** As RBM wrote it: a state of {@link LAUNCH_STATES} or a newer one. */
      readonly oldLaunchState?: string;
      readonly newLaunchState: string;
    })
  | { readonly kind: 'unreadable'; readonly reason: string };

/** The states that RBM has documented. */
export const LAUNCH_STATES = ['PENDING', 'LAUNCHED', 'REJECTED', 'SUSPENDED', 'UNLAUNCHED'] as const;
export type LaunchState = (typeof LAUNCH_STATES)[number];

export const isLaunchState = (state: string): state is LaunchState => LAUNCH_STATES.some((known) => known === state);
