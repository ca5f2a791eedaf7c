import type { Client } from '@temporalio/client';
import type { Agents } from '../contract/agents.js';
import type { DeliveryId } from '../contract/ids.js';
import type { DeliveryHandle, StartedDelivery } from './delivery-handle.js';
import type { DeliveryNotifications } from './delivery-notifications.js';
import type { DeliveryOptOuts } from './delivery-opt-outs.js';
import type { DeliveryFilter } from './delivery-query.js';
import type { DeliverySummary } from './list-deliveries.js';
import type { CountryCode } from './normalize-recipient.js';
import type { StartInput } from './start-input.js';
import type { StartManyOptions, StartResult } from './start-many.js';

export interface DeliveryClientOptions {
  /** A Temporal client. Its connection, namespace, data converter and interceptors are used as they are. */
  readonly client: Client;
  /** The stem of the workers' task queues (environment TASK_QUEUE). Default `message-delivery`. */
  readonly taskQueue?: string;
  /** The country of recipients without a country calling code. Default: such recipients are refused. */
  readonly defaultCountry?: CountryCode;
  /**
   * What you know of your agents, from `parseAgents(process.env.RBM_AGENTS)` for example. A message without
   * messageTrafficType gets the type of its agent, and the agents of one brand share their opt-outs. Default: nothing.
   */
  readonly agents?: Agents | undefined;
  /** The time limit of one call to Temporal, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /**
   * Search attributes for operators (src/contract/search-attributes.ts). Those that the namespace lacks are left out.
   * `recipientHashKey` (environment RECIPIENT_HASH_KEY) adds RecipientHash; of several keys, separated by commas, the first.
   * `false`: deliveries get none.
   */
  readonly searchAttributes?: { readonly recipientHashKey?: string | undefined } | false;
}

export interface DeliveryClient {
  /**
   * Starts a delivery. If the same message (agentId and messageId) was started before, returns that delivery, running or
   * settled, with `isNew: false`; docs/sending.md says how long that holds. One that failed on an invalid input is started
   * again. Throws an `InvalidInputError` before it calls Temporal (if only the `expireTime` has passed: if Temporal has no
   * such delivery), a `ConflictError` if the message was started with another input, a `DeliveryFailedError` if it closed
   * without an outcome, or another `DeliveryError`. After `TEMPORAL_UNAVAILABLE`, start the delivery again.
   */
  start(input: StartInput): Promise<StartedDelivery>;
  /**
   * Starts many deliveries, at most `concurrency` at a time (default 20), and yields one result per input, in the
   * inputs' order. A start that fails is a result too and stops no other. Leaving the loop stops further starts.
   */
  startMany<Input extends StartInput>(
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options?: StartManyOptions,
  ): AsyncGenerator<StartResult<Input>, void, undefined>;
  /** A delivery that anyone has started, by its ids or its workflow id. Makes no call. */
  handle(id: DeliveryId | string): DeliveryHandle;
  /** Deliveries by their search attributes: running ones first, then the ones that closed last. */
  list(
    filter?: DeliveryFilter,
    options?: { readonly limit?: number },
  ): AsyncGenerator<DeliverySummary, void, undefined>;
  /**
   * The filter as a Temporal query, for its Web UI or CLI: a saved view of one recipient, for example. Makes no call.
   */
  query(filter?: DeliveryFilter): string;
  /** How many deliveries `list` would yield. */
  count(filter?: DeliveryFilter): Promise<number>;
  /** Who wants no promotions (docs/opt-out.md). Needs `recipientHashKey`. */
  readonly optOuts: DeliveryOptOuts;
  /** Which notifications were not accepted (docs/notify.md), and sends them again. */
  readonly notifications: DeliveryNotifications;
}
