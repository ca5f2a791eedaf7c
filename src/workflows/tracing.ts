import {
  ApplicationFailure,
  proxySinks,
  workflowInfo,
  type Sinks,
  type WorkflowInterceptorsFactory,
} from '@temporalio/workflow';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  formatTraceParent,
  parseTraceParent,
  spanIdOf,
  TRACE_HEADER,
  type TraceParent,
  type WorkflowSpan,
} from '../contract/trace.js';

export interface TracingSinks extends Sinks {
  readonly tracing: { span(span: WorkflowSpan): void };
}

/**
 * A workflow's part in a trace: it hands its trace on to the activities, and tells of its own spans through a sink, which
 * is deaf while tracing is off. Part of every bundle. Nothing here may be seen in what the workflow does: no promise is
 * wrapped (a longer way to an answer could change the order of two), no random number drawn, nothing thrown.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  const { tracing } = proxySinks<TracingSinks>();
  let trace: TraceParent | undefined;
  let spans = 0;

  /** Activities of a workflow that was started without a trace know theirs from the run id. */
  const withTrace = <Input extends { readonly headers: Headers }>(input: Input): Input => {
    if (trace === undefined) return input;
    const traceparent = formatTraceParent({ ...trace, spanId: spanIdOf(workflowInfo().runId) });
    return {
      ...input,
      headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload({ traceparent }) },
    };
  };

  const tellMessage = (name: string, headers: Headers) => {
    const sentBy = traceIn(headers);
    const now = Date.now();
    spans += 1;
    tracing.span({
      name,
      spanId: spanIdOf(workflowInfo().runId, spans),
      of: 'event',
      startTime: now,
      endTime: now,
      ...(trace && { trace: formatTraceParent(trace) }),
      ...(sentBy && { sentBy: formatTraceParent(sentBy) }),
    });
  };

  const tellRun = (failure?: string) => {
    const { runId, runStartTime, workflowType } = workflowInfo();
    tracing.span({
      name: `RunWorkflow:${workflowType}`,
      spanId: spanIdOf(runId),
      startTime: runStartTime.getTime(),
      endTime: Date.now(),
      of: 'run',
      ...(trace && { trace: formatTraceParent(trace) }),
      ...(failure !== undefined && { failure }),
    });
  };

  return {
    inbound: [
      {
        execute(input, next) {
          trace = traceIn(input.headers);
          const result = next(input);
          result.then(
            () => {
              tellRun();
            },
            (error: unknown) => {
              tellRun(error instanceof ApplicationFailure ? (error.type ?? 'ApplicationFailure') : 'fault');
            },
          );
          return result;
        },
        handleSignal(input, next) {
          tellMessage(`HandleSignal:${nameOf(input.signalName)}`, input.headers);
          return next(input);
        },
        handleUpdate(input, next) {
          tellMessage(`HandleUpdate:${nameOf(input.name)}`, input.headers);
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withTrace(input)),
        scheduleLocalActivity: (input, next) => next(withTrace(input)),
        startChildWorkflowExecution: (input, next) => next(withTrace(input)),
        getLogAttributes: (input, next) => next(trace === undefined ? input : { trace_id: trace.traceId, ...input }),
      },
    ],
  };
};

/** A signal's name comes from outside: only what looks like one is repeated. */
const nameOf = (name: string) => (/^[A-Za-z]{1,40}$/.test(name) ? name : '(unnamed)');

/** Whatever a header holds that is no trace is none. */
function traceIn(headers: Headers): TraceParent | undefined {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return undefined;
  try {
    return parseTraceParent(
      defaultPayloadConverter.fromPayload<{ traceparent?: unknown } | null>(payload)?.traceparent,
    );
  } catch {
    return undefined;
  }
}
