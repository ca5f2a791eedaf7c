import { context, propagation, SpanStatusCode, type Attributes, type Tracer } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { TRACE_HEADER } from '../contract/trace.js';

interface Call<T> {
  readonly name: string;
  readonly workflowId: string;
  readonly runId?: string | undefined;
  readonly attributes?: Attributes;
  readonly make: () => Promise<T>;
  /** The run that the answer names. */
  readonly runOf?: (answer: T) => string;
}

/**
 * Makes a span of each call of a Temporal client. Names, attributes and the header are those of Temporal's own
 * OpenTelemetry interceptors, which need a version of OpenTelemetry that gets no fixes any more.
 */
export function clientSpans(tracer: Tracer): WorkflowClientInterceptor {
  const spanOf = <T>({ name, workflowId, runId, attributes, make, runOf }: Call<T>): Promise<T> => {
    const known = { temporalWorkflowId: workflowId, ...(runId !== undefined && { run_id: runId }), ...attributes };
    return tracer.startActiveSpan(name, { attributes: known }, async (span) => {
      try {
        const answer = await make();
        if (runOf !== undefined) span.setAttribute('run_id', runOf(answer));
        span.setStatus({ code: SpanStatusCode.OK });
        return answer;
      } catch (error) {
        // The type only: a message may repeat what the caller sent.
        span.setAttribute('error.type', error instanceof Error ? error.name : 'fault');
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    });
  };

  return {
    startWithDetails: (input, next) =>
      spanOf({
        name: `StartWorkflow:${input.workflowType}`,
        workflowId: input.options.workflowId,
        make: () => next(withTrace(input)),
        runOf: ({ runId }) => runId,
      }),
    signal: (input, next) =>
      spanOf({
        name: `SignalWorkflow:${input.signalName}`,
        workflowId: input.workflowExecution.workflowId,
        make: () => next(withTrace(input)),
      }),
    signalWithStart: (input, next) =>
      spanOf({
        name: `SignalWithStartWorkflow:${input.workflowType}`,
        workflowId: input.options.workflowId,
        make: () => next(withTrace(input)),
        runOf: (runId) => runId,
      }),
    startUpdate: (input, next) =>
      spanOf({
        name: `StartWorkflowUpdate:${input.updateName}`,
        workflowId: input.workflowExecution.workflowId,
        attributes: { ...(input.options.updateId !== undefined && { temporalUpdateId: input.options.updateId }) },
        make: () => next(withTrace(input)),
        runOf: ({ workflowRunId }) => workflowRunId,
      }),
    query: (input, next) =>
      spanOf({
        name: `QueryWorkflow:${input.queryType}`,
        ...input.workflowExecution,
        make: () => next(withTrace(input)),
      }),
    describe: (input, next) =>
      spanOf({ name: 'DescribeWorkflow', ...input.workflowExecution, make: () => next(input) }),
  };
}

/** Adds the trace of the active span. Call it while the call's span is active. */
function withTrace<Input extends { readonly headers: Headers }>(input: Input): Input {
  const carrier = {};
  propagation.inject(context.active(), carrier);
  return { ...input, headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier) } };
}
