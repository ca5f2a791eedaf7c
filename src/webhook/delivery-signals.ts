import {
  isGrpcServiceError,
  NamespaceNotFoundError,
  ServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowClient,
} from '@temporalio/client';
import type { SignalDefinition } from '@temporalio/common';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { TookTooLongError, within } from '../http/within.js';
import { closedResultOf, UnreadableResultError, type ClosedResult } from './closed-result.js';

/**
 * What became of a signal.
 * - `signalled`: durable in the delivery's history.
 * - `closed`: the delivery has ended; the signal was not taken.
 * - `unknown`: no such delivery (any more). A workflow always exists before its message is sent, so the event is not ours.
 * - `refused`: Temporal will never take it, such as one signal too many or too large.
 */
export type SignalResult = 'signalled' | 'closed' | 'unknown' | 'refused';

/** The webhook's view of Temporal: a port, so that it can be tested and embedded without one. */
export interface DeliverySignals {
  /** Resolves once the signal is durable or surely can't be; throws a {@link TemporalUnavailableError} otherwise. */
  signal<Payload>(
    delivery: DeliveryId,
    definition: SignalDefinition<[Payload]>,
    payload: Payload,
  ): Promise<SignalResult>;
  /**
   * How a closed delivery ended; undefined when it ended without a result. Throws where that can't be found out: an
   * {@link UnreadableResultError} when there is a result that can't be read here.
   */
  closedResult(delivery: DeliveryId): Promise<ClosedResult | undefined>;
  /** Throws a {@link TemporalUnavailableError} unless Temporal and the namespace answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
}

/** Whether the signal is durable is not known: the sender must repeat the event, which is why it is answered with 503. */
export class TemporalUnavailableError extends Error {
  override readonly name = 'TemporalUnavailableError';
  /** Such as `grpc 14`; never the server's words, which may repeat an id. */
  readonly reason: string;
  constructor(reason: string, cause?: unknown) {
    super(`Temporal is not available: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** gRPC's code INVALID_ARGUMENT: also what a signal over the limit of count or size gets (seen on servers 1.29 to 1.32). */
const INVALID_ARGUMENT = 3;

export interface TemporalDeliverySignals extends DeliverySignals {
  /**
   * Resolves when no call to Temporal is under way, also none whose caller gave up. Close the connection only then: a
   * retry of the client's on a closed connection throws where nobody can catch it, and ends the process (SDK 1.24).
   */
  settled(): Promise<void>;
}

/**
 * The port over a Temporal client. Give it a client over `Connection.lazy`: it connects again by itself, whereas a failed
 * `Connection.connect` is final. `timeoutMs` bounds each call, the client's own retries included.
 */
export function createDeliverySignals({
  client,
  timeoutMs,
}: {
  readonly client: WorkflowClient;
  readonly timeoutMs: number;
}): TemporalDeliverySignals {
  const underway = new Set<Promise<unknown>>();
  // The client's own deadline ends a call, not the pauses between its retries (5 s at most): hence both.
  const call = <T>(work: () => Promise<T>, ms = timeoutMs): Promise<T> => {
    const calling = client.withDeadline(Date.now() + ms, work).finally(() => underway.delete(calling));
    underway.add(calling);
    return within(calling, ms);
  };
  const handle = (delivery: DeliveryId) => client.getHandle(workflowIdFor(delivery), undefined, { followRuns: false });
  return {
    async signal(delivery, definition, payload) {
      try {
        await call(() => handle(delivery).signal(definition, payload));
        return 'signalled';
      } catch (error) {
        return resultOf(error);
      }
    },
    async closedResult(delivery) {
      try {
        return closedResultOf(await call(() => handle(delivery).result()));
      } catch (error) {
        throwUnlessFailed(error);
        return undefined;
      }
    },
    async ping(ms) {
      const { namespace } = client.options;
      await call(() => client.workflowService.describeNamespace({ namespace }), ms).catch((error: unknown) => {
        throw unavailable(error);
      });
    },
    async settled() {
      while (underway.size > 0) await Promise.allSettled(underway);
    },
  };
}

/** A refusal that no repetition can change is a result; everything else may pass, so the event must come again. */
function resultOf(error: unknown): SignalResult {
  if (error instanceof WorkflowNotFoundError) return /already completed/.test(error.message) ? 'closed' : 'unknown';
  if (grpcCode(error) === INVALID_ARGUMENT) return 'refused';
  throw unavailable(error);
}

function unavailable(error: unknown): TemporalUnavailableError {
  return new TemporalUnavailableError(reasonOf(error), error);
}

function reasonOf(error: unknown): string {
  const code = grpcCode(error);
  if (code !== undefined) return `grpc ${code}`;
  if (error instanceof TookTooLongError) return 'no answer in time';
  // A wrong setting of ours: 503, so that nothing is lost until it is put right.
  if (error instanceof NamespaceNotFoundError) return 'no such namespace';
  return error instanceof Error ? error.name : 'unknown';
}

function grpcCode(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** What is neither Temporal's answer nor its silence failed after it: in making something readable of the result. */
function throwUnlessFailed(error: unknown): void {
  if (error instanceof WorkflowFailedError) return;
  if (error instanceof WorkflowNotFoundError || error instanceof UnreadableResultError) throw error;
  const unanswered = [ServiceError, NamespaceNotFoundError, TookTooLongError].some((type) => error instanceof type);
  if (unanswered || grpcCode(error) !== undefined) throw unavailable(error);
  throw new UnreadableResultError(reasonOf(error), error);
}
