import { workflowIdFor } from '../../../src/contract/ids.js';
import type { DeliverySignals, SignalResult } from '../../../src/webhook/delivery-signals.js';
import { TemporalUnavailableError } from './built.js';

export interface Recorded {
  readonly workflowId: string;
  readonly name: string;
  readonly payload: { readonly eventId: string; readonly sendTime: string; readonly status?: string };
}

/** What happens to a delivery's signals. The last digit of its id decides, so that the test knows it beforehand. */
export type Fate = SignalResult | 'unavailable' | 'flaky';
const FATES: Readonly<Record<string, Fate>> = {
  '0': 'closed',
  '1': 'unknown',
  '2': 'refused',
  e: 'flaky',
  f: 'unavailable',
};
export const fateOf = (workflowId: string): Fate => FATES[workflowId.at(-1) ?? ''] ?? 'signalled';

export interface FuzzDeliveries extends DeliverySignals {
  readonly recorded: Recorded[];
  /** Deliveries for which Temporal was unavailable at least once. */
  readonly unavailable: Set<string>;
}

/** For `flaky` deliveries Temporal is unavailable every second time. */
export function createFuzzDeliveries(): FuzzDeliveries {
  const recorded: Recorded[] = [];
  const unavailable = new Set<string>();
  let calls = 0;
  return {
    recorded,
    unavailable,
    async signal(delivery, { name }, payload) {
      const workflowId = workflowIdFor(delivery);
      await Promise.resolve();
      calls += 1;
      const fate = fateOf(workflowId);
      if (fate === 'unavailable' || (fate === 'flaky' && calls % 2 === 0)) {
        unavailable.add(workflowId);
        throw new TemporalUnavailableError('fuzz');
      }
      if (fate !== 'signalled' && fate !== 'flaky') return fate;
      recorded.push({ workflowId, name, payload: payload as Recorded['payload'] });
      return 'signalled';
    },
    closedResult: () => Promise.resolve({ outcome: 'SENT_BY_SMS', duplicate: false }),
    ping: () => Promise.resolve(),
  };
}
