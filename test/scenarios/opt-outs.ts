import type { Client } from '@temporalio/client';
import { workflowIdFor, type DeliveryId } from '../../src/contract/ids.js';
import { optedOutSignal } from '../../src/contract/messages.js';
import type { OptOutLookUp, OptOutPerson, OptOuts } from '../../src/contract/opt-out.js';

/**
 * Opt-outs in memory, since the test server has no list of running workflows. The real ones are tested on the real server.
 * The deliveries in flight are signalled, as the real ones do it.
 */
export interface ScenarioOptOuts extends OptOuts, OptOutLookUp {
  /** The person's delivery, to be signalled. */
  enrol(recipient: string, delivery: DeliveryId): void;
}

const keyOf = ({ agentId, recipient, channel }: OptOutPerson) => `${agentId} ${recipient} ${channel ?? 'all'}`;

export function createScenarioOptOuts(client: Client): ScenarioOptOuts {
  const optedOut = new Set<string>();
  const deliveries = new Map<string, DeliveryId>();
  return {
    enrol: (recipient, delivery) => deliveries.set(recipient, delivery),
    async add(person, { source, sendTime }) {
      optedOut.add(keyOf(person));
      const delivery = deliveries.get(person.recipient);
      if (delivery === undefined || person.channel === 'sms') return;
      // A delivery that has settled can't be signalled.
      const handle = client.workflow.getHandle(workflowIdFor(delivery));
      await handle.signal(optedOutSignal, { source, sendTime }).catch(() => undefined);
    },
    remove(person) {
      optedOut.delete(keyOf(person));
      return Promise.resolve();
    },
    isOptedOut(person) {
      const { agentId, recipient, channel } = person;
      const isOptedOut =
        optedOut.has(keyOf({ agentId, recipient })) || (channel === 'sms' && optedOut.has(keyOf(person)));
      return Promise.resolve(isOptedOut);
    },
  };
}
