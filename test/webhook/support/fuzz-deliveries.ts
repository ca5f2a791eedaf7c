import { workflowIdFor } from '../../../src/contract/ids.js';
import type { OptOutEntry, OptOutPerson, OptOuts } from '../../../src/contract/opt-out.js';
import type { DeliverySignals, SignalResult } from '../../../src/webhook/delivery-signals.js';
import { TemporalUnavailableError } from './built.js';
import { optOutIdOf } from './fuzz-truth.js';

export interface Recorded {
  readonly workflowId: string;
  readonly name: string;
  readonly payload: {
    readonly eventId?: string;
    readonly sendTime: string;
    readonly status?: string;
    readonly from?: string;
    readonly source?: string;
  };
}

/**
 * What happens to the signals of a delivery, or to the opt-outs of a person. The last character of its id decides, so
 * that the test knows it beforehand.
 */
export type Fate = SignalResult | 'unavailable' | 'flaky';
const FATES: Readonly<Record<string, Fate>> = {
  '0': 'closed',
  '1': 'unknown',
  '2': 'refused',
  e: 'flaky',
  f: 'unavailable',
};
export function fateOf(id: string): Fate {
  const last = id.at(-1) ?? '';
  if (id.startsWith('opt-out:')) return last === '3' ? 'unavailable' : last === '4' ? 'flaky' : 'signalled';
  return FATES[last] ?? 'signalled';
}

export interface FuzzDeliveries extends DeliverySignals {
  readonly recorded: Recorded[];
  readonly optOuts: OptOuts;
  /** Deliveries and persons for which Temporal was unavailable at least once. */
  readonly unavailable: Set<string>;
}

/** For `flaky` deliveries Temporal is unavailable every second time. */
export function createFuzzDeliveries(): FuzzDeliveries {
  const recorded: Recorded[] = [];
  const unavailable = new Set<string>();
  let calls = 0;
  async function fateOfCall(id: string): Promise<Exclude<Fate, 'unavailable'>> {
    await Promise.resolve();
    calls += 1;
    const fate = fateOf(id);
    if (fate === 'unavailable' || (fate === 'flaky' && calls % 2 === 0)) {
      unavailable.add(id);
      throw new TemporalUnavailableError('fuzz');
    }
    return fate;
  }
  const recordAs = (name: string) => async (person: OptOutPerson, entry: OptOutEntry) => {
    const workflowId = optOutIdOf(person.agentId, person.recipient);
    await fateOfCall(workflowId);
    recorded.push({ workflowId, name, payload: entry });
  };
  return {
    recorded,
    unavailable,
    optOuts: { add: recordAs('optOut'), remove: recordAs('optIn') },
    async signal(delivery, { name }, payload) {
      const workflowId = workflowIdFor(delivery);
      const fate = await fateOfCall(workflowId);
      if (fate !== 'signalled' && fate !== 'flaky') return fate;
      recorded.push({ workflowId, name, payload: payload as Recorded['payload'] });
      return 'signalled';
    },
    closedResult: () => Promise.resolve({ outcome: 'SENT_BY_SMS', duplicate: false }),
    recipient: () => Promise.resolve(undefined),
    ping: () => Promise.resolve(),
  };
}
