import type { Client } from '@temporalio/client';
import type { Agents } from '../contract/agents.js';
import { isObject } from '../contract/check.js';
import { bareAgentId, parseWorkflowId, type DeliveryId } from '../contract/ids.js';
import { DEFAULT_TASK_QUEUE } from '../contract/task-queues.js';
import { parseHashKeys, recipientHashes } from '../opt-out/recipient-hash.js';
import { checkClient } from '../temporal/sdk-version.js';
import { temporalCall } from '../temporal/temporal-call.js';
import { InvalidInputError } from './client-errors.js';
import { withDefaultTrafficType } from './default-traffic-type.js';
import { createDeliveryHandle, type DeliveryHandle, type StartedDelivery } from './delivery-handle.js';
import { deliveryQuery, type DeliveryFilter } from './delivery-query.js';
import { listDeliveries, type DeliverySummary } from './list-deliveries.js';
import { createDeliveryOptOuts, type DeliveryOptOuts } from './delivery-opt-outs.js';
import { toE164, type CountryCode } from './normalize-recipient.js';
import { createDeliveryStarter } from './start-delivery.js';
import { checkedStart, type StartInput } from './start-input.js';
import { startMany, type StartManyOptions, type StartResult } from './start-many.js';

export type { StartInput } from './start-input.js';

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
}

/** Throws an {@link SdkVersionError} for a client of another version of Temporal's SDK. */
export function createDeliveryClient(options: DeliveryClientOptions): DeliveryClient {
  checkClient(options.client, 'Client');
  const {
    taskQueue = DEFAULT_TASK_QUEUE,
    defaultCountry,
    timeoutMs = 10_000,
    searchAttributes = {},
    agents = [],
  } = options;
  const client = options.client.workflow;
  const { recipientHashKey } = searchAttributes || {};
  const withSearchAttributes = searchAttributes !== false;
  const startDelivery = createDeliveryStarter({ client, taskQueue, timeoutMs, recipientHashKey, withSearchAttributes });

  const handle = (given: DeliveryId | string) =>
    createDeliveryHandle({ client, id: typeof given === 'string' ? idOf(given) : canonical(given), timeoutMs });

  const start = async (given: StartInput): Promise<StartedDelivery> => {
    // A caller without types may pass anything.
    if (!isObject(given)) throw new InvalidInputError([{ field: '', problem: 'must be an object' }]);
    const typed = withDefaultTrafficType(given, agents);
    const { input, tooLate } = checkedStart(typed, defaultCountry);
    const { isNew } = await startDelivery(input, { typeIsDefault: typed !== given, tooLate });
    return { ...handle(input), isNew };
  };

  const hashesWith = (text: string) => (recipient: string) => {
    const number = toE164(recipient, defaultCountry);
    return number === undefined ? undefined : recipientHashes(number, parseHashKeys(text));
  };
  const hashes = recipientHashKey === undefined ? undefined : hashesWith(recipientHashKey);
  const queryOf = (filter: DeliveryFilter = {}) =>
    deliveryQuery(filter, { now: Date.now(), ...(hashes !== undefined && { hashes }) });

  return {
    handle,
    start,
    startMany: (inputs, many) => startMany(inputs, start, many),
    list: (filter, { limit } = {}) => listDeliveries({ client, query: queryOf(filter), timeoutMs, limit }),
    query: queryOf,
    count: async (filter) => {
      const query = queryOf(filter);
      const { count } = await temporalCall({ client, timeoutMs, answeredBy: 'server' }, () => client.count(query));
      return count;
    },
    optOuts: createDeliveryOptOuts({ client, taskQueue, recipientHashKey, agents, defaultCountry, timeoutMs }),
  };
}

const canonical = ({ agentId, messageId }: DeliveryId): DeliveryId => ({
  agentId: bareAgentId(agentId),
  messageId: messageId.toLowerCase(),
});

function idOf(workflowId: string): DeliveryId {
  const id = parseWorkflowId(workflowId);
  if (id !== undefined) return id;
  throw new InvalidInputError([{ field: 'workflowId', problem: 'must be message-delivery:{agentId}:{messageId}' }]);
}
