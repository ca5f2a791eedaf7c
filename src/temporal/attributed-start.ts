import { TypedSearchAttributes, type SearchAttributePair } from '@temporalio/common';
import { searchAttributeRefusal } from './server-texts.js';

/** How long refused attributes are left out, in milliseconds. `rcs-delivery setup` may add them in that time. */
const RETRY_AFTER_MS = 5 * 60_000;

/** The search attributes to start with. Undefined: start without any. */
type Start<T> = (attributes: TypedSearchAttributes | undefined) => Promise<T>;

/**
 * Starts workflows with the search attributes that the namespace accepts. One that it lacks, or has with another type,
 * must not stop a workflow: it is left out, then tried again after five minutes.
 */
export function createAttributedStart() {
  const refused = new Set<string>();
  let retryAt = Infinity;
  return async function attributedStart<T>(all: readonly SearchAttributePair[], start: Start<T>): Promise<T> {
    if (Date.now() >= retryAt) {
      refused.clear();
      retryAt = Infinity;
    }
    for (;;) {
      const wanted = all.filter(({ key }) => !refused.has(key.name));
      if (wanted.length === 0) return start(undefined);
      try {
        return await start(new TypedSearchAttributes(wanted));
      } catch (error) {
        const refusal = searchAttributeRefusal(error);
        if (refusal === undefined) throw error;
        const names = wanted.map(({ key }) => key.name);
        const named = names.filter((name) => refusal.includes(name));
        for (const name of named.length > 0 ? named : names) refused.add(name);
        retryAt = Math.min(retryAt, Date.now() + RETRY_AFTER_MS);
      }
    }
  };
}
