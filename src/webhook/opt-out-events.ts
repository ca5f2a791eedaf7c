import { DAY } from '../contract/duration.js';
import type { OptOutPerson } from '../contract/opt-out.js';
import { AGENT_ID_PATTERN, E164_PATTERN } from '../contract/patterns.js';
import { sparsely } from '../observability/sparsely.js';
import type { RbmEvent } from '../rbm/rbm-event.js';
import { TemporalUnavailableError } from './delivery-signals.js';
import { WebhookError } from './errors.js';
import { OverloadedError } from './limiter.js';
import { createOptOutRecorder, type Saying } from './opt-out-recorder.js';
import type { WebhookContext } from './webhook-context.js';

type SubscriptionEvent = Extract<RbmEvent, { readonly kind: 'unsubscribe' | 'subscribe' }>;
type UserMessage = Extract<RbmEvent, { readonly kind: 'userMessage' }>;

/**
 * Acts on what people say about an agent's messages. Both resolve once it is durable, or if nobody can act on it, and
 * throw a WebhookError or an OverloadedError otherwise: RBM must repeat the event then. `publishTime` is that of the
 * envelope.
 */
export interface OptOutEvents {
  /** UNSUBSCRIBE and SUBSCRIBE. */
  readonly subscription: (event: SubscriptionEvent, publishTime: string | undefined) => Promise<void>;
  /** A text that is a keyword: RBM sends it beside the event, and people type it. Does nothing for other messages. */
  readonly keyword: (event: UserMessage, publishTime: string | undefined) => Promise<void>;
}

/** What an event means, before it is known whether it can be recorded. */
interface Heard {
  /** The `kind` in metrics and logs. */
  readonly kind: 'unsubscribe' | 'subscribe' | 'unsubscribeKeyword' | 'subscribeKeyword';
  readonly said: Saying['said'];
  readonly source: string;
  readonly eventId: string | undefined;
  readonly publishTime: string | undefined;
}

export function createOptOutEvents(context: WebhookContext): OptOutEvents {
  const { optOuts, metrics, log } = context;
  const record = optOuts && createOptOutRecorder(optOuts, context);
  if (record === undefined) log.warn({}, NOT_ACTED_ON);
  const warnIncomplete = sparsely<object>((leftOut, about) => {
    log.warn({ ...about, leftOut }, 'an opt-out, or its end, can not be recorded: RBM names no usable agent or number');
  });

  async function act(heard: Heard, event: SubscriptionEvent | UserMessage): Promise<void> {
    const { kind } = heard;
    if (record === undefined) {
      metrics.event('rbm', kind, 'notActedOn');
      return;
    }
    const saying = sayingOf(heard, event);
    if (saying === undefined) {
      metrics.event('rbm', kind, 'incomplete');
      const { agentId, from } = event;
      warnIncomplete({ kind, hasAgentId: agentId !== undefined, hasNumber: from !== undefined });
      return;
    }
    const about = { source: 'rbm', kind, agentId: saying.person.agentId };
    try {
      const verdict = await record(saying);
      metrics.event('rbm', kind, verdict);
      log.debug({ ...about, verdict }, 'opt-out event');
    } catch (error) {
      const overloaded = error instanceof OverloadedError;
      metrics.event('rbm', kind, overloaded ? 'overloaded' : 'unavailable');
      log.warn({ ...about, reason: reasonOf(error) }, 'opt-out event not stored; RBM will repeat it');
      // Whatever has failed, the opt-out is not durable. The error may come from an embedder's code.
      throw overloaded ? error : new WebhookError('TEMPORAL_UNAVAILABLE');
    }
  }

  return {
    subscription: (event, publishTime) => act({ ...heardFrom(event), publishTime }, event),
    async keyword(event, publishTime) {
      const { keyword } = event;
      if (keyword === undefined) return;
      const { kind, said } = MEANINGS[keyword.means];
      const eventId = event.eventId ?? event.userMessageId;
      await act({ kind: `${kind}Keyword`, said, source: `keyword ${keyword.word}`, eventId, publishTime }, event);
    },
  };
}

const NOT_ACTED_ON =
  'opt-outs are not acted on: set RECIPIENT_HASH_KEY, or pass optOuts to the plugin (docs/webhook-setup.md)';

const MEANINGS = {
  unsubscribe: { kind: 'unsubscribe', said: 'optOut' },
  subscribe: { kind: 'subscribe', said: 'optIn' },
} as const;

const heardFrom = ({ kind, eventId }: SubscriptionEvent) => ({ ...MEANINGS[kind], source: 'rbm', eventId });

/** Undefined without a usable agent and number. A number in another form is not guessed at: it may be another person's. */
function personOf({ agentId, from }: SubscriptionEvent | UserMessage): OptOutPerson | undefined {
  // `@rbm.goog` was already removed, so an id with another suffix is somebody else's.
  if (agentId === undefined || !AGENT_ID_PATTERN.test(agentId) || agentId.includes('@')) return undefined;
  return from !== undefined && E164_PATTERN.test(from) ? { agentId, recipient: from } : undefined;
}

/** Undefined without a usable agent and number. */
function sayingOf(heard: Heard, event: SubscriptionEvent | UserMessage): Saying | undefined {
  const { said, source, eventId } = heard;
  const person = personOf(event);
  if (person === undefined) return undefined;
  const { sendTime } = event;
  const known = eventId !== undefined || sendTime !== undefined;
  return {
    person,
    said,
    entry: { source, sendTime: timeOf(heard, event), ...(eventId !== undefined && { eventId }) },
    identity: known ? JSON.stringify([said, source, eventId, sendTime]) : undefined,
  };
}

/** RBM repeats an event for seven days. An older publishTime is not Pub/Sub's. Milliseconds. */
const OLDEST_PUBLISHED = 8 * DAY;

/**
 * When it was said. In doubt the opt-out counts (G11). Without a sendTime, an opt-out gets the time of its receipt. An
 * opt-in gets the publishTime, which is the same when RBM repeats the event days later: by the time of its receipt it would
 * end an opt-out that came after it.
 */
function timeOf({ said, publishTime }: Heard, { sendTime }: Pick<SubscriptionEvent, 'sendTime'>): string {
  if (sendTime !== undefined) return sendTime;
  const now = Date.now();
  const published = Date.parse(publishTime ?? '');
  const isFirst = said === 'optOut' || !(published > now - OLDEST_PUBLISHED);
  return new Date(isFirst ? now : Math.min(now, published)).toISOString();
}

/** Never the error's message, which may quote the number. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof TemporalUnavailableError) return error.reason;
  return error instanceof Error ? error.name : undefined;
}
