import { DeliveryClosedError, DeliveryFailedError, UpdateRejectedError } from '../client/client-errors.js';
import { settledStatus } from '../client/settled-status.js';
import { workflowIdFor } from '../contract/ids.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../contract/status.js';
import { learn, type Delivery } from '../domain/delivery.js';
import type { Finding } from '../domain/evidence.js';
import { planFor } from '../domain/plan.js';
import { channelOf, resultOf, statusOf, whyTooLate } from '../domain/report.js';
import { snapshotOf, type Snapshot } from '../domain/snapshot.js';
import { acceptedDelivery, settledDelivery } from './fake-story.js';

/** An outcome, with any field of the result that the test cares about. */
export type SettledAs = Pick<MessageDeliveryResult, 'outcome'> & Partial<MessageDeliveryResult>;

/** How a delivery's workflow closed. Without a result: somebody terminated it. */
interface FakeEnd {
  readonly closedAt: number;
  readonly result?: MessageDeliveryResult;
}

interface FakeChange {
  readonly name: 'revokeNow' | 'changeExpiry';
  readonly finding: Finding;
  /** Why the argument is invalid. */
  readonly invalid: string | undefined;
  readonly updateId: string | undefined;
}

/** One delivery in memory. The decider of the workflow says where it stands. Nothing happens to it by itself. */
export interface FakeDelivery {
  readonly workflowId: string;
  readonly input: MessageDeliveryInput;
  readonly startedAt: number;
  readonly end: FakeEnd | undefined;
  /** Where it stands; what the phase was when it closed. */
  readonly snapshot: () => Snapshot;
  readonly status: () => DeliveryStatus;
  readonly outcome: () => Promise<MessageDeliveryResult>;
  readonly change: (change: FakeChange) => DeliveryStatus;
  /** False if it is closed or cancelled already. */
  readonly cancel: () => boolean;
  readonly settle: (as: SettledAs) => void;
  readonly terminate: () => void;
}

const NO_FALLBACK = 'a delivery without fallback.sms sends no SMS, so it does not settle by SMS';

export function createFakeDelivery(input: MessageDeliveryInput): FakeDelivery {
  const workflowId = workflowIdFor(input);
  const startedAt = Date.now();
  let delivery: Delivery = acceptedDelivery(planFor(input, startedAt));
  let end: FakeEnd | undefined;
  const answers = new Map<string, DeliveryStatus>();
  const waiting: ((closed: FakeEnd) => void)[] = [];
  const snapshot = () => snapshotOf(delivery, end?.closedAt ?? Date.now());

  function close(closed: FakeEnd): void {
    end = closed;
    for (const tell of waiting.splice(0)) tell(closed);
  }
  function refuseIfClosed(): void {
    if (end !== undefined) throw new DeliveryClosedError(workflowId);
  }
  function resultIn({ result }: FakeEnd): MessageDeliveryResult {
    if (result !== undefined) return result;
    throw new DeliveryFailedError({ workflowId, executionStatus: 'TERMINATED' });
  }

  return {
    ...{ workflowId, input, startedAt, snapshot },
    get end() {
      return end;
    },
    status: () => (end === undefined ? statusOf(snapshot()) : settledStatus(input, resultIn(end))),
    async outcome() {
      return resultIn(end ?? (await new Promise<FakeEnd>((resolve) => waiting.push(resolve))));
    },
    change({ name, finding, invalid, updateId }) {
      refuseIfClosed();
      const answered = updateId === undefined ? undefined : answers.get(updateId);
      if (answered !== undefined) return answered;
      const why = invalid === undefined ? whyTooLate(snapshot()) : ({ refusal: 'invalid', reason: invalid } as const);
      if (why !== undefined) throw new UpdateRejectedError(`${name} refused: ${why.reason}`, why.refusal);
      delivery = learn(delivery, { at: Date.now(), ...finding });
      const status = statusOf(snapshot());
      if (updateId !== undefined) answers.set(updateId, status);
      return status;
    },
    cancel() {
      if (end !== undefined || delivery.evidence.some(({ kind }) => kind === 'cancelRequested')) return false;
      delivery = learn(delivery, { at: Date.now(), kind: 'cancelRequested' });
      return true;
    },
    settle(as) {
      refuseIfClosed();
      if (input.fallback === undefined && channelOf(delivery, as.outcome) === 'SMS') throw new TypeError(NO_FALLBACK);
      const closedAt = Date.now();
      delivery = settledDelivery(delivery, as.outcome, closedAt);
      close({ closedAt, result: { ...resultOf(delivery, as.outcome, closedAt), ...as } });
    },
    terminate() {
      refuseIfClosed();
      close({ closedAt: Date.now() });
    },
  };
}
