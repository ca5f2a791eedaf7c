import { assembleClient } from '../client/assemble-client.js';
import type { DeliveryClient, DeliveryClientOptions } from '../client/client-api.js';
import { DeliveryNotFoundError } from '../client/client-errors.js';
import { toE164 } from '../client/normalize-recipient.js';
import { repeated } from '../client/start-delivery.js';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import type { Outcome } from '../contract/status.js';
import { createFakeDelivery, type FakeDelivery, type SettledAs } from './fake-delivery.js';
import { createFakeHandle, type RequestedChange } from './fake-handle.js';
import { listed } from './fake-list.js';
import { createFakeOptOuts } from './fake-opt-outs.js';

/** As for the real client. */
export type FakeDeliveryClientOptions = Pick<DeliveryClientOptions, 'agents' | 'defaultCountry' | 'searchAttributes'>;

/**
 * A DeliveryClient for tests, in memory. It checks and refuses as the real one does. RBM accepts each message at once; after
 * that nothing happens until the test settles the delivery, so `outcome()` waits for that.
 */
export interface FakeDeliveryClient extends DeliveryClient {
  /** What was started, in this order, as the workflow would get it. A message that was started twice is here once. */
  readonly started: readonly MessageDeliveryInput[];
  /** What was requested of deliveries and not refused, in this order. */
  readonly changes: readonly RequestedChange[];
  /**
   * Settles a delivery: with an outcome alone, or with fields of the result that the test cares about. Throws a
   * `DeliveryNotFoundError` or a `DeliveryClosedError`, or a TypeError for an SMS of a delivery without `fallback`.
   */
  settle(id: DeliveryId | string, as: Outcome | SettledAs): void;
  /** Closes a delivery without an outcome, as an operator who terminates its workflow does. */
  terminate(id: DeliveryId | string): void;
  /**
   * The next call that would go to Temporal throws this. `tookEffect`: it does its work first, as when an answer is lost.
   * Called twice, it is for the next two calls.
   */
  failNext(error: Error, options?: { readonly tookEffect?: boolean }): void;
}

/** Throws a TypeError for an empty `recipientHashKey`. */
export function createFakeDeliveryClient(options: FakeDeliveryClientOptions = {}): FakeDeliveryClient {
  const { agents = [], defaultCountry, searchAttributes = {} } = options;
  const { recipientHashKey } = searchAttributes || {};
  const deliveries = new Map<string, FakeDelivery>();
  const changes: RequestedChange[] = [];
  const failures: { readonly error: Error; readonly tookEffect: boolean }[] = [];
  const { optOuts, list: optOutsIn } = createFakeOptOuts(recipientHashKey, agents);

  async function call<T>(work: () => T | Promise<T>): Promise<T> {
    const failure = failures.shift();
    if (failure?.tookEffect === false) throw failure.error;
    const answer = work();
    if (failure === undefined) return answer;
    await answer;
    throw failure.error;
  }
  async function* each<T>(rows: () => readonly T[]): AsyncGenerator<T, void, undefined> {
    yield* await call(rows);
  }
  const listOf = (filter: Parameters<typeof listed>[1]) =>
    listed([...deliveries.values()], filter, (recipient) => toE164(recipient, defaultCountry));

  const client = assembleClient(options, {
    startDelivery: (input, { typeIsDefault = false, tooLate } = {}) =>
      call(() => {
        const before = deliveries.get(workflowIdFor(input));
        if (before !== undefined) return repeated({ input, before: before.input, typeIsDefault, end: endOf(before) });
        if (tooLate !== undefined) throw tooLate;
        const fake = createFakeDelivery(asStored(input));
        deliveries.set(fake.workflowId, fake);
        return { isNew: true };
      }),
    handle: (id) =>
      createFakeHandle({
        ...{ id, call },
        find: (workflowId) => deliveries.get(workflowId),
        record: (change) => changes.push(change),
      }),
    list: ({ filter, limit }) => each(() => listOf(filter).slice(0, limit)),
    count: ({ filter }) => call(() => listOf(filter).length),
    optOuts: optOuts && {
      add: (person, entry) => call(() => optOuts.add(person, entry)),
      remove: (person, entry) => call(() => optOuts.remove(person, entry)),
      isOptedOut: (person) => call(() => optOuts.isOptedOut(person)),
    },
    listOptOuts: (which) => each(() => optOutsIn(which)),
  });

  const found = (id: DeliveryId | string): FakeDelivery => {
    const { workflowId } = client.handle(id);
    const fake = deliveries.get(workflowId);
    if (fake === undefined) throw new DeliveryNotFoundError(workflowId);
    return fake;
  };
  return {
    ...client,
    // Nobody is notified, so no notification was refused.
    notifications: {
      unaccepted: (id) => call(() => (found(id), [])),
      list: () => each(() => []),
      sendAgain: (workflowId) =>
        call(() => {
          throw new DeliveryNotFoundError(workflowId);
        }),
    },
    get started() {
      return [...deliveries.values()].map(({ input }) => input);
    },
    get changes() {
      return [...changes];
    },
    settle: (id, as) => {
      found(id).settle(typeof as === 'string' ? { outcome: as } : as);
    },
    terminate: (id) => {
      found(id).terminate();
    },
    failNext: (error, { tookEffect = false } = {}) => {
      failures.push({ error, tookEffect });
    },
  };
}

const endOf = ({ end }: FakeDelivery) =>
  end === undefined || end.result !== undefined ? undefined : ({ executionStatus: 'TERMINATED' } as const);

/** As JSON, which Temporal keeps: a caller that changes its own object changes nothing here. */
const asStored = (input: MessageDeliveryInput) => JSON.parse(JSON.stringify(input)) as MessageDeliveryInput;
