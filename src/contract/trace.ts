/**
 * Trace contexts in Temporal's headers. The header is that of Temporal's own OpenTelemetry interceptors, in every SDK:
 * a backend's trace goes on in the delivery, whatever language the backend is written in.
 */
export const TRACE_HEADER = '_tracer-data';

/** The parts of W3C's `traceparent`. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

export function parseTraceParent(text: unknown): TraceParent | undefined {
  const [, traceId, spanId, flags] = (typeof text === 'string' && TRACEPARENT.exec(text)) || [];
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (parseInt(flags ?? '', 16) & 1) === 1 };
}

export const formatTraceParent = ({ traceId, spanId, sampled }: TraceParent): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

/**
 * The id of one of a run's spans. Span 0 is the run itself. It is made from the run id, which is random. So it is the
 * same on every replay and in the activities, and draws no random number in the workflow.
 */
export function spanIdOf(runId: string, span = 0): string {
  const id = (BigInt(`0x${hexOf(runId).slice(16)}`) + BigInt(span)) & 0xffff_ffff_ffff_ffffn;
  return id.toString(16).padStart(16, '0');
}

/** The trace id of a delivery that was started without a trace. */
export const traceIdOf = (runId: string): string => hexOf(runId);

const hexOf = (runId: string) => runId.replaceAll('-', '').toLowerCase();

/** A span that has ended, as the workflow reports it. Ids and names only. Times: epoch milliseconds. */
export interface WorkflowSpan {
  readonly name: string;
  readonly spanId: string;
  readonly startTime: number;
  readonly endTime: number;
  /** The run itself, or an event in it. */
  readonly of: 'run' | 'event';
  /** The `traceparent` of the trace in which the workflow was started, if any. */
  readonly trace?: string;
  /** The `traceparent` of the sender of the signal or the update. */
  readonly sentBy?: string;
  /** The type of the failure. */
  readonly failure?: string;
}
