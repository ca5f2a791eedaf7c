import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace';

export interface SpanIds extends IdGenerator {
  /** Gives these ids to the span that `start` creates synchronously. A span with a parent keeps its parent's trace id. */
  with<T>(ids: { readonly traceId?: string; readonly spanId: string }, start: () => T): T;
}

/** Random ids, unless `with` sets them: a workflow derives its spans' ids from its run, so a replay repeats them. */
export function createSpanIds(): SpanIds {
  const random = new RandomIdGenerator();
  let given: { readonly traceId?: string; readonly spanId: string } | undefined;
  return {
    generateTraceId: () => given?.traceId ?? random.generateTraceId(),
    generateSpanId: () => given?.spanId ?? random.generateSpanId(),
    with(ids, start) {
      given = ids;
      try {
        return start();
      } finally {
        given = undefined;
      }
    },
  };
}
