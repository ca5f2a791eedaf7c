import { workflowIdFor, type DeliveryId } from '../../../src/contract/ids.js';
import type { ClosedResult } from '../../../src/webhook/closed-result.js';
import {
  TemporalUnavailableError,
  type DeliverySignals,
  type SignalResult,
} from '../../../src/webhook/delivery-signals.js';
import { PHONE } from './rbm-sender.js';

interface SentSignal {
  readonly workflowId: string;
  readonly name: string;
  readonly payload: unknown;
}

/** Deliveries without Temporal. They are open unless `answer` says otherwise, and record every stored signal. */
export interface MemoryDeliveries extends DeliverySignals {
  readonly signals: readonly SentSignal[];
  /** The number of calls, including those that failed. */
  readonly calls: number;
  /** Sets the result for this delivery from now on. */
  answer(delivery: DeliveryId, result: SignalResult, closed?: ClosedResult): void;
  /** Sets the number that this delivery's message was sent to, or that its input can't be read. Default: {@link PHONE}. */
  sentTo(delivery: DeliveryId, recipient: string | undefined): void;
  /** While down, nothing is stored and every call throws. */
  down: boolean;
  /** Calls wait until the returned function is called. */
  hold(): () => void;
}

export function createMemoryDeliveries(): MemoryDeliveries {
  const signals: SentSignal[] = [];
  const answers = new Map<string, { readonly result: SignalResult; readonly closed: ClosedResult | undefined }>();
  const recipients = new Map<string, string | undefined>();
  let held = Promise.resolve();
  let calls = 0;
  const memory: MemoryDeliveries = {
    signals,
    down: false,
    get calls() {
      return calls;
    },
    answer(delivery, result, closed) {
      answers.set(workflowIdFor(delivery), { result, closed });
    },
    sentTo(delivery, recipient) {
      recipients.set(workflowIdFor(delivery), recipient);
    },
    hold() {
      let release = (): void => undefined;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    async signal(delivery, { name }, payload) {
      calls += 1;
      await held;
      if (memory.down) throw new TemporalUnavailableError('down');
      const workflowId = workflowIdFor(delivery);
      const result = answers.get(workflowId)?.result ?? 'signalled';
      if (result === 'signalled') signals.push({ workflowId, name, payload });
      return result;
    },
    async closedResult(delivery) {
      await held;
      return answers.get(workflowIdFor(delivery))?.closed;
    },
    async recipient(delivery) {
      await held;
      const workflowId = workflowIdFor(delivery);
      return recipients.has(workflowId) ? recipients.get(workflowId) : PHONE;
    },
    ping() {
      return memory.down ? Promise.reject(new TemporalUnavailableError('down')) : Promise.resolve();
    },
  };
  return memory;
}
