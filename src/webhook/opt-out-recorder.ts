import { LRUCache } from 'lru-cache';
import type { OptOutEntry, OptOutPerson, OptOuts } from '../contract/opt-out.js';
import { senderKey } from './sender-key.js';
import { STORED_TTL_MS } from './signal-once.js';
import type { WebhookContext } from './webhook-context.js';

/** What a person said about the messages of an agent. */
export interface Saying {
  readonly person: OptOutPerson;
  readonly said: 'optOut' | 'optIn';
  readonly entry: OptOutEntry;
  /** The same on a repetition alone. Undefined if the event has neither an id nor a time of its own. */
  readonly identity: string | undefined;
}

/**
 * Resolves once the saying is durable, or certainly changes nothing. `repeated`: it is one that was stored before, or is
 * being stored. Throws what `optOuts` throws, or an OverloadedError.
 */
export type RecordSaying = (saying: Saying) => Promise<'recorded' | 'repeated'>;

/** The sayings of one person that one call stores. */
interface Batch {
  readonly sayings: Saying[];
  readonly stored: Promise<void>;
}

/**
 * Records what people say, for each person one call after the other: what was said last must also arrive last. What
 * comes while a call runs waits for it and then shares one call, which stores the latest of it alone. So a phone that
 * floods keywords takes one place among the calls to Temporal, and its flood costs few of them.
 */
export function createOptOutRecorder(
  optOuts: OptOuts,
  { limits, limitSignals }: Pick<WebhookContext, 'limits' | 'limitSignals'>,
): RecordSaying {
  const running = new Map<string, Batch>();
  const waiting = new Map<string, Batch>();
  const memory = createMemory(limits.remembered);

  function join(key: string, saying: Saying): Batch {
    const shared = waiting.get(key);
    if (shared !== undefined) {
      shared.sayings.push(saying);
      return shared;
    }
    const before = running.get(key);
    const ready = before?.stored.catch(() => undefined) ?? Promise.resolve();
    const batch: Batch = { sayings: [saying], stored: ready.then(() => store(key, batch)) };
    (before === undefined ? running : waiting).set(key, batch);
    return batch;
  }

  async function store(key: string, batch: Batch): Promise<void> {
    waiting.delete(key);
    running.set(key, batch);
    try {
      const { said, person, entry } = latestOf(batch.sayings);
      await limitSignals(() => (said === 'optOut' ? optOuts.add(person, entry) : optOuts.remove(person, entry)));
      memory.remember(key, said, batch.sayings);
    } finally {
      running.delete(key);
    }
  }

  return async (saying) => {
    const { person, identity } = saying;
    const key = `${person.agentId} ${senderKey(person.recipient)}`;
    if (memory.has(key, saying)) return 'repeated';
    const batches = [running.get(key), waiting.get(key)];
    const same = batches.find((batch) =>
      batch?.sayings.some((one) => identity !== undefined && one.identity === identity),
    );
    await (same ?? join(key, saying)).stored;
    return same === undefined ? 'recorded' : 'repeated';
  };
}

/**
 * The one with the latest time, since RBM does not promise an order. As in the opt-out's workflow, a time in the future
 * counts as now, and at the same time the opt-out counts.
 */
function latestOf(sayings: readonly Saying[]): Saying {
  const now = Date.now();
  const timeOf = ({ entry }: Saying) => Math.min(Date.parse(entry.sendTime), now);
  const isLater = (one: Saying, other: Saying) =>
    timeOf(one) === timeOf(other) ? one.said === 'optOut' : timeOf(one) > timeOf(other);
  return sayings.reduce((latest, one) => (isLater(one, latest) ? one : latest));
}

/** How many of a person's latest sayings are remembered. An opt-out comes as two: the event and the keyword. */
const REMEMBERED_EACH = 4;

/**
 * Remembers what each person said last, so that a repetition costs no call. Once the person has said the opposite,
 * repetitions of the earlier saying go to `optOuts`, which compares the times.
 */
function createMemory(max: number) {
  const known = new LRUCache<string, { readonly said: Saying['said']; readonly identities: readonly string[] }>({
    max,
  });
  return {
    has: (key: string, { said, identity }: Saying): boolean => {
      const last = known.get(key);
      return identity !== undefined && last?.said === said && last.identities.includes(identity);
    },
    remember(key: string, said: Saying['said'], sayings: readonly Saying[]): void {
      const last = known.get(key);
      const earlier = last?.said === said ? last.identities : [];
      const added = sayings.flatMap((one) => (one.said === said && one.identity !== undefined ? [one.identity] : []));
      known.set(key, { said, identities: [...earlier, ...added].slice(-REMEMBERED_EACH) }, { ttl: STORED_TTL_MS });
    },
  };
}
