import { isObject } from '../contract/check.js';
import { bareAgentId, parseWorkflowId, type DeliveryId } from '../contract/ids.js';
import type { OptOutLookUp, OptOuts } from '../contract/opt-out.js';
import type { OptOutSummary } from '../opt-out/list-opt-outs.js';
import { parseHashKeys, recipientHashes } from '../opt-out/recipient-hash.js';
import type { DeliveryClient, DeliveryClientOptions } from './client-api.js';
import { InvalidInputError } from './client-errors.js';
import { withDefaultTrafficType } from './default-traffic-type.js';
import type { DeliveryHandle, StartedDelivery } from './delivery-handle.js';
import { createDeliveryOptOuts } from './delivery-opt-outs.js';
import { deliveryQuery, type DeliveryFilter } from './delivery-query.js';
import type { DeliverySummary } from './list-deliveries.js';
import { toE164 } from './normalize-recipient.js';
import type { StartDelivery } from './start-delivery.js';
import { checkedStart, type StartInput } from './start-input.js';
import { startMany } from './start-many.js';

/** What keeps the deliveries: Temporal, or the memory of a fake (src/testing). It gets only what has been checked. */
export interface DeliveryStore {
  readonly startDelivery: StartDelivery;
  readonly handle: (id: DeliveryId) => DeliveryHandle;
  readonly list: (wanted: Wanted) => AsyncGenerator<DeliverySummary, void, undefined>;
  readonly count: (wanted: Wanted) => Promise<number>;
  /** Undefined if there is no `recipientHashKey`. */
  readonly optOuts: (OptOuts & OptOutLookUp) | undefined;
  readonly listOptOuts: (which: OptOutsWanted) => AsyncGenerator<OptOutSummary, void, undefined>;
}

interface Wanted {
  readonly filter: DeliveryFilter;
  /** The filter as Temporal writes it. */
  readonly query: string;
  readonly limit?: number | undefined;
}

export interface OptOutsWanted {
  /** Only these. Default: all. */
  readonly scopes?: readonly string[] | undefined;
  readonly limit?: number | undefined;
}

/** Checks and normalises what callers give, and hands it to the store. */
export function assembleClient(
  options: Pick<DeliveryClientOptions, 'agents' | 'defaultCountry' | 'searchAttributes'>,
  store: DeliveryStore,
): Omit<DeliveryClient, 'notifications'> {
  const { agents = [], defaultCountry, searchAttributes = {} } = options;
  const { recipientHashKey } = searchAttributes || {};

  const handle = (given: DeliveryId | string) =>
    store.handle(typeof given === 'string' ? idOf(given) : canonical(given));

  const start = async (given: StartInput): Promise<StartedDelivery> => {
    // A caller without types may pass anything.
    if (!isObject(given)) throw new InvalidInputError([{ field: '', problem: 'must be an object' }]);
    const typed = withDefaultTrafficType(given, agents);
    const { input, tooLate } = checkedStart(typed, defaultCountry);
    const { isNew } = await store.startDelivery(input, { typeIsDefault: typed !== given, tooLate });
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
    list: (filter = {}, { limit } = {}) => store.list({ filter, query: queryOf(filter), limit }),
    query: queryOf,
    count: async (filter = {}) => store.count({ filter, query: queryOf(filter) }),
    optOuts: createDeliveryOptOuts({
      optOuts: store.optOuts,
      list: (which) => store.listOptOuts(which),
      agents,
      defaultCountry,
    }),
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
