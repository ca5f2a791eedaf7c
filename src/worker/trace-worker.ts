import { context, isSpanContextValid, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { ApplicationFailure, ApplicationFailureCategory, defaultPayloadConverter } from '@temporalio/common';
import type { Headers } from '@temporalio/common';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { FailureDetails } from '../contract/failures.js';
import {
  parseTraceParent,
  spanIdOf,
  TRACE_HEADER,
  traceIdOf,
  type TraceParent,
  type WorkflowSpan,
} from '../contract/trace.js';
import type { Tracing } from '../observability/tracing.js';
import type { TracingSinks } from '../workflows/tracing.js';

export interface WorkerTracing {
  readonly activities: ActivityInterceptorsFactory;
  readonly sinks: InjectedSinks<TracingSinks>;
}

/** Makes spans of what workflows report (src/workflows/tracing.ts) and of each activity. */
export function traceWorker({ tracer, ids }: Pick<Tracing, 'tracer' | 'ids'>): WorkerTracing {
  /** The trace of a run that was started without one. Whether it is sampled depends on its trace id alone. */
  function ownTrace(runId: string): TraceParent {
    const traceId = traceIdOf(runId);
    const spanId = spanIdOf(runId);
    const probe = ids.with({ traceId, spanId }, () => tracer.startSpan('probe', {}, ROOT_CONTEXT));
    return { traceId, spanId, sampled: (probe.spanContext().traceFlags & 1) === 1 };
  }

  function recordSpan(info: { readonly runId: string; readonly workflowId: string }, span: WorkflowSpan): void {
    const { runId, workflowId } = info;
    const started = parseTraceParent(span.trace);
    const sentBy = parseTraceParent(span.sentBy);
    const run = { ...(started ?? ownTrace(runId)), spanId: spanIdOf(runId) };
    const parent = span.of === 'run' ? started : run;
    const options = {
      kind: span.of === 'run' ? SpanKind.SERVER : SpanKind.CONSUMER,
      startTime: span.startTime,
      attributes: attributesOf({ runId, workflowId }),
      ...(sentBy && { links: [{ context: toSpanContext(sentBy) }] }),
    };
    const made = ids.with({ traceId: run.traceId, spanId: span.spanId }, () =>
      tracer.startSpan(span.name, options, parent === undefined ? ROOT_CONTEXT : contextOf(parent)),
    );
    if (span.failure !== undefined) markFailed(made, { 'error.type': span.failure });
    made.end(span.endTime);
  }

  const activities: ActivityInterceptorsFactory = ({ info }) => {
    const { workflowExecution: { runId = '', workflowId = '' } = {}, activityType, attempt } = info;
    return {
      inbound: {
        execute: (input, next) => {
          const parent = parseTraceParent(traceparentIn(input.headers)) ?? ownTrace(runId);
          const attributes = { ...attributesOf({ runId, workflowId }), 'temporal.attempt': attempt };
          const span = tracer.startSpan(
            `RunActivity:${activityType}`,
            { kind: SpanKind.CLIENT, attributes },
            contextOf(parent),
          );
          return context.with(trace.setSpan(ROOT_CONTEXT, span), () => endSpanAfter(span, next(input)));
        },
      },
      outbound: {
        getLogAttributes: (input, next) => {
          const active = trace.getActiveSpan()?.spanContext();
          return next(active && isSpanContextValid(active) ? { trace_id: active.traceId, ...input } : input);
        },
      },
    };
  };

  return { activities, sinks: { tracing: { span: { fn: recordSpan, callDuringReplay: false } } } };
}

/** Named as Temporal's own interceptors name them. */
const attributesOf = ({ runId, workflowId }: { readonly runId: string; readonly workflowId: string }) => ({
  temporalWorkflowId: workflowId,
  run_id: runId,
});

const toSpanContext = ({ traceId, spanId, sampled }: TraceParent) => ({
  traceId,
  spanId,
  traceFlags: sampled ? 1 : 0,
  isRemote: true,
});

const contextOf = (parent: TraceParent): Context => trace.setSpanContext(ROOT_CONTEXT, toSpanContext(parent));

function traceparentIn(headers: Headers): unknown {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return undefined;
  try {
    return defaultPayloadConverter.fromPayload<{ traceparent?: unknown } | null>(payload)?.traceparent;
  } catch {
    return undefined;
  }
}

async function endSpanAfter<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    describeFailure(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Records the type and the HTTP status, never the message. */
function describeFailure(span: Span, error: unknown): void {
  if (!(error instanceof ApplicationFailure)) {
    markFailed(span, { 'error.type': 'fault' });
    return;
  }
  const { httpStatus } = (error.details?.[0] ?? {}) as FailureDetails;
  const attributes = {
    'error.type': error.type ?? 'ApplicationFailure',
    ...(httpStatus !== undefined && { 'http.response.status_code': httpStatus }),
  };
  // An expected failure, such as a phone without RCS, is no error.
  if (error.category === ApplicationFailureCategory.BENIGN) span.setAttributes(attributes);
  else markFailed(span, attributes);
}

function markFailed(span: Span, attributes: Attributes): void {
  span.setAttributes(attributes);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
