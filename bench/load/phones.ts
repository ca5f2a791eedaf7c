import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { StartInput } from '../../src/client/start-input.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import { deliveredSignal, smsStatusSignal } from '../../src/contract/messages.js';
import type { Fake } from '../fake/fake.js';

/** What happens to a message after RBM or the SMS gateway has accepted it. */
interface PhoneBehaviour {
  /** DELIVERED follows the create. */
  readonly online?: boolean;
  /** A receipt follows the SMS. */
  readonly smsReceipt?: boolean;
}

/** Stand for the phones and the webhook: they send the signals that events and receipts would become. */
export interface Phones {
  /** Says how the phone of a message behaves. To call before the delivery starts. */
  readonly behave: (input: Pick<StartInput, 'agentId' | 'messageId'>, behaviour: PhoneBehaviour) => void;
  /** No more signals. Resolves when those under way have ended: the client may repeat them, and needs its connection. */
  readonly stop: () => Promise<void>;
}

/** An answer never comes while the worker still has the task of the request. Milliseconds. */
const ANSWER_AFTER_MS = 300;

export function createPhones({ client, fake }: { readonly client: Client; readonly fake: Fake }): Phones {
  const behaviours = new Map<string, PhoneBehaviour & { readonly workflowId: string }>();
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  const answer = async (kind: string, id: string) => {
    const { workflowId = '', online = false, smsReceipt = false } = behaviours.get(id) ?? {};
    const handle = client.workflow.getHandle(workflowId);
    const event = { eventId: randomUUID(), sendTime: new Date().toISOString() };
    if (kind === 'create' && online) await handle.signal(deliveredSignal, event);
    if (kind === 'sms' && smsReceipt) await handle.signal(smsStatusSignal, { ...event, status: 'DELIVERED' });
  };
  fake.onFirst(({ kind, id }) => {
    if (kind !== 'create' && kind !== 'sms') return;
    // A delivery that has settled meanwhile, or a server that the bench has stopped, refuses the signal.
    setTimeout(() => {
      if (stopped) return;
      const ended: Promise<void> = answer(kind, id)
        .catch(() => undefined)
        .finally(() => underWay.delete(ended));
      underWay.add(ended);
    }, ANSWER_AFTER_MS);
  });
  return {
    behave: (input, behaviour) => {
      behaviours.set(input.messageId, { ...behaviour, workflowId: workflowIdFor(input) });
    },
    async stop() {
      stopped = true;
      await Promise.all(underWay);
    },
  };
}
