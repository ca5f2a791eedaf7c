import {
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type WorkflowOptions,
} from '@temporalio/client';
import { bareAgentId, DEFAULT_TASK_QUEUE, WORKFLOW_TYPE, workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { checkInput, type MessageDeliveryInput } from '../contract/input.js';
import { InvalidInputError } from './client-errors.js';
import { createDeliveryHandle, toTimestamp, type DeliveryHandle } from './delivery-handle.js';
import { toE164, type CountryCode } from './normalize-recipient.js';
import { startAttributes } from './start-attributes.js';
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
  readonly searchAttributes?: { readonly recipientHashKey?: string } | false;
}

/** A delivery's input; `expireTime` may be a Date, and `recipient` as people write it. */
export type StartInput = Omit<MessageDeliveryInput, 'expireTime'> & { readonly expireTime?: string | Date | undefined };

export interface DeliveryClient {
  /**
   * Starts a delivery. Starting the same message (agentId and messageId) again is harmless and returns the first one,
   * running or ended, whatever the input says then. Throws an `InvalidInputError` before anything is sent, or another
   * `DeliveryError`; after `TEMPORAL_UNAVAILABLE` simply start it again.
   */
  start(input: StartInput): Promise<DeliveryHandle>;
  /** A delivery that was started before, by anyone. Makes no call. */
  handle(id: DeliveryId): DeliveryHandle;
}

export function createDeliveryClient(options: DeliveryClientOptions): DeliveryClient {
  const { taskQueue = DEFAULT_TASK_QUEUE, defaultCountry, timeoutMs = 10_000 } = options;
  const client = options.client.workflow;

  const handle = ({ agentId, messageId }: DeliveryId) => {
    const id = { agentId: bareAgentId(agentId), messageId: messageId.toLowerCase() };
    return createDeliveryHandle({ client, id, timeoutMs });
  };

  let attributesKnown = options.searchAttributes !== false;
  const { recipientHashKey } = options.searchAttributes || {};
  /** A namespace without the search attributes refuses them: it must not cost a delivery, and is asked only once. */
  async function withAttributes<T>(
    input: MessageDeliveryInput,
    start: (attributes: Pick<WorkflowOptions, 'typedSearchAttributes'>) => Promise<T>,
  ): Promise<T> {
    if (!attributesKnown) return start({});
    try {
      return await start({ typedSearchAttributes: startAttributes(input, { now: Date.now(), recipientHashKey }) });
    } catch (error) {
      if (!refusesAttributes(error)) throw error;
      attributesKnown = false;
      return start({});
    }
  }

  return {
    handle,
    start: async (given) => {
      const input = checked(given, defaultCountry);
      const workflowId = workflowIdFor(input);
      await temporalCall({ client, workflowId, timeoutMs, answeredBy: 'server' }, async () => {
        try {
          await withAttributes(input, (attributes) =>
            client.start(WORKFLOW_TYPE, {
              workflowId,
              taskQueue,
              args: [input],
              workflowIdConflictPolicy: 'USE_EXISTING',
              workflowIdReusePolicy: 'REJECT_DUPLICATE',
              ...attributes,
            }),
          );
        } catch (error) {
          // It has ended already: the caller wants its handle all the same.
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        }
      });
      return handle(input);
    },
  };
}

/** INVALID_ARGUMENT has no finer code; the server names the search attribute only in its text. */
function refusesAttributes(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return (
    isGrpcServiceError(cause) && (cause.code as number) === INVALID_ARGUMENT && /search attribute/i.test(cause.message)
  );
}
const INVALID_ARGUMENT = 3;

function checked(given: StartInput, defaultCountry: CountryCode | undefined): MessageDeliveryInput {
  const { recipient, expireTime, ...rest } = given;
  const check = checkInput(
    {
      ...rest,
      // A caller without types may pass anything: the check names what is wrong.
      recipient: typeof recipient === 'string' ? (toE164(recipient, defaultCountry) ?? recipient) : recipient,
      ...(expireTime !== undefined && { expireTime: toTimestamp(expireTime) }),
    },
    Date.now(),
  );
  if (!check.ok) throw new InvalidInputError(check.problems);
  return check.input;
}
