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
 * A workflow's part in a trace: it passes its trace on to the activities and reports its own spans through a sink,
 * which does nothing while tracing is off. It must not change what the workflow does: it wraps no promise (that
 * could change the order of two answers), draws no random number and throws nothing.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  const { tracing } = proxySinks<TracingSinks>();
  let trace: TraceParent | undefined;
  let spans = 0;

  /** Without a trace at the start there is nothing to pass on: activities derive the trace from the run id. */
  const withTrace = <Input extends { readonly headers: Headers }>(input: Input): Input => {
    if (trace === undefined) return input;
    const traceparent = formatTraceParent({ ...trace, spanId: spanIdOf(workflowInfo().runId) });
    return {
      ...input,
      headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload({ traceparent }) },
    };
  };

  const reportMessage = (name: string, headers: Headers) => {
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

  const reportRun = (failure?: string) => {
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
              reportRun();
            },
            (error: unknown) => {
              reportRun(error instanceof ApplicationFailure ? (error.type ?? 'ApplicationFailure') : 'fault');
            },
          );
          return result;
        },
        handleSignal(input, next) {
          reportMessage(`HandleSignal:${nameOf(input.signalName)}`, input.headers);
          return next(input);
        },
        handleUpdate(input, next) {
          reportMessage(`HandleUpdate:${nameOf(input.name)}`, input.headers);
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

/** A signal's name comes from outside, so only a text that looks like a name is passed on. */
const nameOf = (name: string) => (/^[A-Za-z]{1,40}$/.test(name) ? name : '(unnamed)');

/** The trace in the header; undefined if it holds anything else. */
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
