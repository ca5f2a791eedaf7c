import {
  NamespaceNotFoundError,
  ServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowClient,
} from '@temporalio/client';
import type { SignalDefinition } from '@temporalio/common';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { TookTooLongError } from '../http/within.js';
import { withDeadline } from '../temporal/deadline.js';
import { GrpcStatus, grpcStatusOf } from '../temporal/grpc-status.js';
import { checkClient } from '../temporal/sdk-version.js';
import { saysClosed } from '../temporal/server-texts.js';
import { TemporalUnavailableError } from '../temporal/temporal-errors.js';
import { workflowAttributes } from '../temporal/workflow-attributes.js';
import { workflowInput } from '../temporal/workflow-input.js';
import { closedResultOf, indexedResultOf, UnreadableResultError, type ClosedResult } from './closed-result.js';

export { TemporalUnavailableError } from '../temporal/temporal-errors.js';

/**
 * What became of a signal.
 * - `signalled`: it is durable in the delivery's history.
 * - `closed`: the delivery's workflow is closed, so it did not get the signal.
 * - `unknown`: no such delivery. Its workflow exists before its message is sent, so the event is about another message.
 * - `refused`: Temporal will never accept it, for example one signal too many, or one that is too large.
 */
export type SignalResult = 'signalled' | 'closed' | 'unknown' | 'refused';

/** How the webhook reaches deliveries: a port, so that it can be tested and embedded without Temporal. */
export interface DeliverySignals {
  /** Resolves once the signal is durable, or certainly can't be. Otherwise throws a {@link TemporalUnavailableError} */
  signal<Payload>(
    delivery: DeliveryId,
    definition: SignalDefinition<[Payload]>,
    payload: Payload,
  ): Promise<SignalResult>;
  /**
   * Returns a closed delivery's result; undefined if it closed without one. Throws an {@link UnreadableResultError} if
   * neither the result nor its search attributes tell enough here, and another error if it can't be fetched.
   */
  closedResult(delivery: DeliveryId): Promise<ClosedResult | undefined>;
  /**
   * Returns the number that a delivery's message was sent to; undefined if its input can't be read here. Throws if the
   * input can't be fetched.
   */
  recipient(delivery: DeliveryId): Promise<string | undefined>;
  /**
   * Returns whether a delivery's message was sent to this number, by its search attribute RecipientHash; undefined if it has
   * none, or there is no key. For a webhook that can't read inputs. Throws if Temporal does not answer.
   */
  isIndexedFor?(delivery: DeliveryId, number: string): Promise<boolean | undefined>;
  /** Throws a {@link TemporalUnavailableError} unless Temporal answers within `timeoutMs` and has the namespace. */
  ping(timeoutMs: number): Promise<void>;
}

export interface TemporalDeliverySignals extends DeliverySignals {
  /**
   * Resolves when no call to Temporal is in flight, including calls that nobody waits for any more. Close the
   * connection only then: if the SDK (1.24) retries on a closed connection, it throws where nothing can catch it, and
   * Node exits.
   */
  settled(): Promise<void>;
}

/**
 * The port over a Temporal client. Use a client over `Connection.lazy`: it reconnects by itself, whereas a failed
 * `Connection.connect` is final. `timeoutMs` bounds each call, the SDK's own retries included. Throws an `SdkVersionError`
 * for a client of another version of the SDK.
 */
export function createDeliverySignals({
  client,
  timeoutMs,
  recipientHashes,
}: {
  readonly client: WorkflowClient;
  readonly timeoutMs: number;
  /** The RecipientHash of a number (E.164) under every key in use. Undefined: there is no key. */
  readonly recipientHashes?: ((number: string) => readonly string[]) | undefined;
}): TemporalDeliverySignals {
  checkClient(client, 'WorkflowClient');
  const inFlight = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    const tracked = work.finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
    return tracked;
  };
  const call = <T>(work: () => Promise<T>, ms = timeoutMs): Promise<T> =>
    withDeadline(client, { timeoutMs: ms }, () => track(work()));
  const handle = (delivery: DeliveryId) => client.getHandle(workflowIdFor(delivery), undefined, { followRuns: false });
  const attributesOf = (delivery: DeliveryId) =>
    call(() => workflowAttributes(client, workflowIdFor(delivery))).catch((error: unknown) => {
      throw unavailable(error);
    });
  return {
    async signal(delivery, definition, payload) {
      try {
        await call(() => handle(delivery).signal(definition, payload));
        return 'signalled';
      } catch (error) {
        return signalResultOf(error);
      }
    },
    async closedResult(delivery) {
      try {
        return closedResultOf(await call(() => handle(delivery).result()));
      } catch (error) {
        if (error instanceof WorkflowFailedError) return undefined;
        const unreadable = resultError(error);
        if (!(unreadable instanceof UnreadableResultError)) throw unreadable;
        const indexed = indexedResultOf(await attributesOf(delivery));
        if (indexed === undefined) throw unreadable;
        return indexed;
      }
    },
    async recipient(delivery) {
      try {
        const input = await call(() => workflowInput(client, workflowIdFor(delivery)));
        return input !== undefined && 'recipient' in input && typeof input.recipient === 'string'
          ? input.recipient
          : undefined;
      } catch (error) {
        throw unavailable(error);
      }
    },
    async isIndexedFor(delivery, number) {
      if (recipientHashes === undefined) return undefined;
      const { RecipientHash: hash } = await attributesOf(delivery);
      return typeof hash === 'string' ? recipientHashes(`+${number.replaceAll(/\D/g, '')}`).includes(hash) : undefined;
    },
    async ping(ms) {
      const { namespace } = client.options;
      await call(() => client.workflowService.describeNamespace({ namespace }), ms).catch((error: unknown) => {
        throw unavailable(error);
      });
    },
    async settled() {
      while (inFlight.size > 0) await Promise.allSettled(inFlight);
    },
  };
}

/**
 * A refusal that a repetition can't change is a result. Other failures may pass, so the sender must repeat the event.
 */
function signalResultOf(error: unknown): SignalResult {
  if (error instanceof WorkflowNotFoundError) return saysClosed(error) ? 'closed' : 'unknown';
  // Also the answer to a signal over the limit of count or size (seen on servers 1.29 to 1.32).
  if (grpcStatusOf(error) === GrpcStatus.INVALID_ARGUMENT) return 'refused';
  throw unavailable(error);
}

/** Distinguishes a result that could not be fetched from one that was fetched and could not be decoded. */
function resultError(error: unknown): Error {
  if (error instanceof WorkflowNotFoundError || error instanceof UnreadableResultError) return error;
  const notFetched = [ServiceError, NamespaceNotFoundError, TookTooLongError].some((type) => error instanceof type);
  if (notFetched || grpcStatusOf(error) !== undefined) return unavailable(error);
  return new UnreadableResultError(reasonOf(error), error);
}

function unavailable(error: unknown): TemporalUnavailableError {
  return new TemporalUnavailableError(reasonOf(error), error);
}

function reasonOf(error: unknown): string {
  const code = grpcStatusOf(error);
  if (code !== undefined) return `grpc ${code}`;
  if (error instanceof TookTooLongError) return 'no answer in time';
  // A wrong setting of the webhook. The answer is 503, so that no event is lost until it is corrected.
  if (error instanceof NamespaceNotFoundError) return 'no such namespace';
  return error instanceof Error ? error.name : 'unknown';
}
