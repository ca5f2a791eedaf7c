import { DeliveryNotFoundError } from '../client/client-errors.js';
import { refuseBlankReason, type DeliveryHandle } from '../client/delivery-handle.js';
import { toTimestamp } from '../client/start-input.js';
import { whyInvalidChangeExpiry, whyInvalidRevokeNow } from '../contract/change-checks.js';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import type { RevokeNowInput } from '../contract/messages.js';
import type { FakeDelivery } from './fake-delivery.js';

/** One request to a delivery, as the workflow would get it. */
export type RequestedChange = { readonly workflowId: string } & (
  | { readonly change: 'revokeNow'; readonly input: RevokeNowInput }
  | { readonly change: 'changeExpiry'; readonly input: { readonly expireTime: string } }
  | { readonly change: 'cancel' }
);

export interface FakeHandleOptions {
  readonly id: DeliveryId;
  readonly find: (workflowId: string) => FakeDelivery | undefined;
  /** Makes one call to what would be Temporal. */
  readonly call: <T>(work: () => T | Promise<T>) => Promise<T>;
  /** Called for each request that was not refused. */
  readonly record: (change: RequestedChange) => void;
}

export function createFakeHandle({ id, find, call, record }: FakeHandleOptions): DeliveryHandle {
  const workflowId = workflowIdFor(id);
  const delivery = (): FakeDelivery => {
    const found = find(workflowId);
    if (found === undefined) throw new DeliveryNotFoundError(workflowId);
    return found;
  };
  return {
    ...id,
    workflowId,
    status: () => call(() => delivery().status()),
    outcome: () => call(() => delivery().outcome()),
    async revokeNow(input, { updateId } = {}) {
      refuseBlankReason(input);
      return call(() => {
        const fake = delivery();
        const finding = { kind: 'revokeRequested', ...input } as const;
        const invalid = whyInvalidRevokeNow(input, fake.input);
        const status = fake.change({ name: 'revokeNow', finding, invalid, updateId });
        record({ workflowId, change: 'revokeNow', input });
        return status;
      });
    },
    changeExpiry: ({ expireTime }, { updateId } = {}) =>
      call(() => {
        const input = { expireTime: toTimestamp(expireTime) };
        const finding = { kind: 'expiryChanged', expiresAt: Date.parse(input.expireTime) } as const;
        const invalid = whyInvalidChangeExpiry(input, Date.now());
        const status = delivery().change({ name: 'changeExpiry', finding, invalid, updateId });
        record({ workflowId, change: 'changeExpiry', input });
        return status;
      }),
    cancel: () =>
      call(() => {
        if (delivery().cancel()) record({ workflowId, change: 'cancel' });
      }),
  };
}
