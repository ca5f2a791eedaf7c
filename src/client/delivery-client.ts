import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type Client,
  type WorkflowClient,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { msToDuration } from '../contract/duration.js';
import {
  bareAgentId,
  DEFAULT_TASK_QUEUE,
  parseWorkflowId,
  WORKFLOW_TYPE,
  workflowIdFor,
  type DeliveryId,
} from '../contract/ids.js';
import { checkInput, type MessageDeliveryInput } from '../contract/input.js';
import { FailureType } from '../contract/failures.js';
import { InvalidInputError } from './client-errors.js';
import { createDeliveryHandle, toTimestamp, type DeliveryHandle } from './delivery-handle.js';
import { deliveryQuery, type DeliveryFilter } from './delivery-query.js';
import { listDeliveries, type DeliverySummary } from './list-deliveries.js';
import { toE164, type CountryCode } from './normalize-recipient.js';
import { recipientHash } from './recipient-hash.js';
import { createAttributedStart } from './start-attributes.js';
import { wordsFor } from './web-ui-summary.js';
import { startMany, type StartManyOptions, type StartResult } from './start-many.js';
import { temporalCall } from './temporal-call.js';

export interface DeliveryClientOptions {
  /** An existing Temporal client: its connection, namespace, data converter and interceptors are used as they are. */
  readonly client: Client;
  /** Where the workers listen. Default `message-delivery`. */
  readonly taskQueue?: string;
  /** Reads recipients that are written without a country calling code. Default: such recipients are refused. */
  readonly defaultCountry?: CountryCode;
  /** The longest that one call to Temporal may take, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /**
   * The search attributes of src/contract/search-attributes.ts, for operators. A namespace that does not know them gets
   * deliveries without. `recipientHashKey` (environment RECIPIENT_HASH_KEY) adds RecipientHash. `false`: none at all.
   */
  readonly searchAttributes?: { readonly recipientHashKey?: string | undefined } | false;
}

/** A delivery's input, with `recipient` as people write it, `expireTime` also a Date, and `ttl` also a number of milliseconds. */
export type StartInput = Omit<MessageDeliveryInput, 'expireTime' | 'ttl'> & {
  readonly expireTime?: string | Date | undefined;
  readonly ttl?: string | number | undefined;
};

export interface DeliveryClient {
  /**
   * Starts a delivery. Starting the same message (agentId and messageId) again is harmless and returns the first one,
   * running or ended, whatever the input says then. Throws an `InvalidInputError` before anything is sent, or another
   * `DeliveryError`; after `TEMPORAL_UNAVAILABLE` simply start it again.
   */
  start(input: StartInput): Promise<DeliveryHandle>;
  /**
   * Starts many, at most `concurrency` at a time (default 20), and yields each one's result in the inputs' order. A start
   * that fails is a result too and stops no other. Starts none any more once the caller leaves the loop.
   */
  startMany<Input extends StartInput>(
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options?: StartManyOptions,
  ): AsyncGenerator<StartResult<Input>, void, undefined>;
  /** A delivery that was started before, by anyone: by its ids or its workflow id. Makes no call. */
  handle(id: DeliveryId | string): DeliveryHandle;
  /** Deliveries by their search attributes: those that run first, then the newest. */
  list(
    filter?: DeliveryFilter,
    options?: { readonly limit?: number },
  ): AsyncGenerator<DeliverySummary, void, undefined>;
  /** The filter in Temporal's words, for its Web UI or its CLI: a saved view of one recipient, say. Makes no call. */
  query(filter?: DeliveryFilter): string;
  /** How many `list` would yield. */
  count(filter?: DeliveryFilter): Promise<number>;
}

export function createDeliveryClient(options: DeliveryClientOptions): DeliveryClient {
  const { taskQueue = DEFAULT_TASK_QUEUE, defaultCountry, timeoutMs = 10_000 } = options;
  const client = options.client.workflow;
  const { recipientHashKey } = options.searchAttributes || {};
  const attributedStart = createAttributedStart({ recipientHashKey, none: options.searchAttributes === false });
  const call = <T>(workflowId: string, work: () => Promise<T>) =>
    temporalCall({ client, workflowId, timeoutMs, answeredBy: 'server' }, work);

  const handle = (given: DeliveryId | string) =>
    createDeliveryHandle({ client, id: typeof given === 'string' ? idOf(given) : normal(given), timeoutMs });

  const start = async (given: StartInput) => {
    const input = checked(given, defaultCountry);
    const workflowId = workflowIdFor(input);
    const startWith = (workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY') =>
      attributedStart(input, (attributes) =>
        client.start(WORKFLOW_TYPE, {
          workflowId,
          taskQueue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy,
          ...wordsFor(input),
          ...attributes,
        }),
      );
    await call(workflowId, async () => {
      try {
        await startWith('REJECT_DUPLICATE');
      } catch (error) {
        // It has ended already: the caller wants its handle all the same.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        // Unless it never began: another starter had given an input that no workflow takes.
        if (await failedOnInput(client, workflowId)) await startWith('ALLOW_DUPLICATE_FAILED_ONLY');
      }
    });
    return handle(input);
  };

  const hashWith = (key: string) => (recipient: string) => {
    const number = toE164(recipient, defaultCountry);
    return number === undefined ? undefined : recipientHash(number, key);
  };
  const hash = recipientHashKey === undefined ? undefined : hashWith(recipientHashKey);
  const queryOf = (filter: DeliveryFilter = {}) =>
    deliveryQuery(filter, { now: Date.now(), ...(hash !== undefined && { hash }) });

  return {
    handle,
    start,
    startMany: (inputs, many) => startMany(inputs, start, many),
    list: (filter, { limit } = {}) => listDeliveries({ client, query: queryOf(filter), timeoutMs, limit }),
    query: queryOf,
    count: async (filter) => {
      const query = queryOf(filter);
      return (await call('', () => client.count(query))).count;
    },
  };
}

/** Such a workflow did nothing before it failed, so it may be started anew. */
async function failedOnInput(client: WorkflowClient, workflowId: string): Promise<boolean> {
  const existing = client.getHandle(workflowId);
  if ((await existing.describe()).status.name !== 'FAILED') return false;
  const failure: unknown = await existing.result().catch((error: unknown) => error);
  const cause = failure instanceof WorkflowFailedError ? failure.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === FailureType.InvalidInput;
}

const normal = ({ agentId, messageId }: DeliveryId): DeliveryId => ({
  agentId: bareAgentId(agentId),
  messageId: messageId.toLowerCase(),
});

function idOf(workflowId: string): DeliveryId {
  const id = parseWorkflowId(workflowId);
  if (id !== undefined) return id;
  throw new InvalidInputError([{ field: 'workflowId', problem: 'must be message-delivery:{agentId}:{messageId}' }]);
}

function checked(given: StartInput, defaultCountry: CountryCode | undefined): MessageDeliveryInput {
  const { recipient, expireTime, ttl, ...rest } = given;
  const check = checkInput(
    {
      ...rest,
      // A caller without types may pass anything: the check names what is wrong.
      recipient: typeof recipient === 'string' ? (toE164(recipient, defaultCountry) ?? recipient) : recipient,
      ...(expireTime !== undefined && { expireTime: toTimestamp(expireTime) }),
      ...(ttl !== undefined && { ttl: typeof ttl === 'number' ? msToDuration(ttl) : ttl }),
    },
    Date.now(),
  );
  if (!check.ok) throw new InvalidInputError(check.problems);
  return check.input;
}
