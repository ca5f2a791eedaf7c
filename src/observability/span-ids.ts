import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace-base';

export interface SpanIds extends IdGenerator {
  /** The span that `start` makes, synchronously, has these ids; the trace's only if it has no parent. */
  with<T>(ids: { readonly traceId?: string; readonly spanId: string }, start: () => T): T;
}

/** Random ids but where one is given: a workflow's spans have theirs from its run, so that a replay makes no others. */
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
