import { randomUUID } from 'node:crypto';
import type { WorkflowHandle, WorkflowStartOptions } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ApplicationFailure } from '@temporalio/common';
import { startTimeSkipping } from '../../dev/temporal/test-server.js';
import { ATTRIBUTE_TYPES } from '../../src/temporal/namespace-search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';
import type { MessageActivities } from '../../src/activities/message-activities.js';
import type { NotificationActivities } from '../../src/activities/notification-activities.js';
import type { FailureDetails, FailureType } from '../../src/contract/failures.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import { startPlace } from '../../src/client/start-place.js';
import type { DeliveryWorker } from '../../src/worker/delivery-worker.js';
import { statusQuery } from '../../src/contract/messages.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../../src/contract/status.js';
import { createTestWorker } from '../support/test-worker.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { WAIT } from '../support/wait.js';

export interface Rig {
  readonly env: TestWorkflowEnvironment;
  readonly worker: DeliveryWorker;
  readonly taskQueue: string;
  /** Starts a delivery whose activities behave as given; whatever is not given succeeds. */
  start(
    input?: Partial<MessageDeliveryInput>,
    activities?: Partial<MessageActivities>,
    options?: Pick<WorkflowStartOptions, 'typedSearchAttributes' | 'memo' | 'startDelay'>,
  ): Promise<TestDelivery>;
  /** The same, with a signal that is there before the first workflow task. */
  startWith(signal: string, input?: Partial<MessageDeliveryInput>): Promise<TestDelivery>;
  stop(): Promise<void>;
}

export interface TestDelivery {
  readonly handle: WorkflowHandle;
  /** The names of the activities that were called, in order. */
  readonly calls: string[];
  status(): Promise<DeliveryStatus>;
  result(): Promise<MessageDeliveryResult>;
  /** Waits, in real time, until the status is as wished. */
  until(holds: (status: DeliveryStatus) => boolean): Promise<DeliveryStatus>;
  signal(name: string, payload?: unknown): Promise<void>;
}

export const event = (eventId = 'event-1') => ({ eventId, sendTime: '2026-01-02T03:04:05Z' });

/** A failure as the real activities throw it. */
export function failure(type: FailureType, details: FailureDetails = {}, nonRetryable = false): ApplicationFailure {
  return ApplicationFailure.create({ type, message: type, details: [details], nonRetryable });
}

/** The real workflow on the official time-skipping server; its activities are scripted by each test. */
export async function startRig(workerOptions: { maxCachedWorkflows?: number } = {}): Promise<Rig> {
  quietTemporal();
  const env = await startTimeSkipping();
  const searchAttributes = Object.fromEntries(
    Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, ATTRIBUTE_TYPES[type]]),
  );
  await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  const scripts = new Map<string, { activities: Partial<MessageActivities>; calls: string[] }>();
  const taskQueue = `test-${randomUUID()}`;
  const activities = scripted(scripts);
  const worker = await createTestWorker({ connection: env.nativeConnection, taskQueue, activities, ...workerOptions });
  const running = worker.run();
  return {
    env,
    worker,
    taskQueue,
    async start(given = {}, activities = {}, options = {}) {
      const input = inputWith(given);
      const calls: string[] = [];
      scripts.set(input.messageId, { activities, calls });
      const workflowId = workflowIdFor(input);
      const started = { ...startPlace(taskQueue, input), workflowId, args: [input], ...options };
      const handle = await env.client.workflow.start('messageDelivery', started);
      return testDelivery(handle, calls);
    },
    async startWith(signal, given = {}) {
      const input = inputWith(given);
      const calls: string[] = [];
      scripts.set(input.messageId, { activities: {}, calls });
      const place = startPlace(taskQueue, input);
      const options = { ...place, workflowId: workflowIdFor(input), args: [input], signal, signalArgs: [event()] };
      return testDelivery(await env.client.workflow.signalWithStart('messageDelivery', options), calls);
    },
    async stop() {
      worker.shutdown();
      await running;
      await env.teardown();
    },
  };
}

export function inputWith(given: Partial<MessageDeliveryInput>): MessageDeliveryInput {
  const input = {
    agentId: 'acme-agent',
    messageId: randomUUID(),
    recipient: '+15550100001',
    contentMessage: { text: 'Your code is 482913' },
    messageTrafficType: 'AUTHENTICATION' as const,
    ...given,
  };
  return given.expireTime === undefined && given.ttl === undefined ? { ...input, ttl: '600s' } : input;
}

function scripted(
  scripts: Map<string, { activities: Partial<MessageActivities>; calls: string[] }>,
): MessageActivities & NotificationActivities {
  const script = (messageId: string, name: keyof MessageActivities) => {
    const found = scripts.get(messageId);
    found?.calls.push(name);
    return found?.activities ?? {};
  };
  const idIn = (reference: string) => reference.split(':').at(-1) ?? '';
  return {
    notify: () => Promise.resolve(),
    sendRcs: async (input) => (await script(input.messageId, 'sendRcs').sendRcs?.(input)) ?? { acceptedEarlier: false },
    revokeRcs: async (input) => script(input.messageId, 'revokeRcs').revokeRcs?.(input),
    sendSms: async (input) =>
      (await script(idIn(input.idempotencyKey), 'sendSms').sendSms?.(input)) ?? {
        provider: 'test',
        providerMessageId: 'sms-1',
      },
    reconcileSms: async (input) =>
      (await script(idIn(input.reference), 'reconcileSms').reconcileSms?.(input)) ?? { found: 'no' },
    // As where the worker has no access to histories.
    measureOutage: () => Promise.reject(failure('OutageUnknown', {}, true)),
    lookBack: () => Promise.resolve({ facts: [], notifications: 0 }),
  };
}

export function testDelivery(handle: WorkflowHandle, calls: string[]): TestDelivery {
  const status = () => handle.query(statusQuery);
  return {
    handle,
    calls,
    status,
    result: () => handle.result() as Promise<MessageDeliveryResult>,
    signal: (name, payload = event()) => handle.signal(name, payload),
    async until(holds) {
      const end = Date.now() + WAIT;
      for (;;) {
        const seen = await status();
        if (holds(seen)) return seen;
        if (Date.now() > end) throw new Error(`never came about; last seen: ${JSON.stringify(seen)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}
