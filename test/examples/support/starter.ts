import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { expect } from 'vitest';
import type { PhoneBehaviourInput } from '../../../dev/simulator/phone-behaviour.js';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import { messageIdFor } from '../../../src/client/message-id.js';
import { WORKFLOW_TYPE, workflowIdFor } from '../../../src/contract/ids.js';
import type { MessageTrafficType } from '../../../src/contract/rbm.js';
import { SEARCH_ATTRIBUTES, type SearchAttributeName } from '../../../src/contract/search-attributes.js';
import { newPhone } from '../../e2e/support/deliver.js';
import { ExampleFailed } from './run-example.js';

/** Runs an example that starts a delivery, in any language. Returns what it wrote. */
export type Starter = (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<string>;

interface Started {
  readonly written: string;
  readonly got: readonly string[];
  readonly workflowId: string;
}

type StartedEvent = temporal.api.history.v1.IWorkflowExecutionStartedEventAttributes;

const SECRET = 'a secret for tests only';
/** The starters derive it as the package does. */
const workflowIdOf = (order: string) =>
  workflowIdFor({ agentId: 'shop-agent', messageId: messageIdFor(SECRET, `order/${order}/code`) });

interface StarterRun {
  readonly behaviour: PhoneBehaviourInput;
  readonly options?: readonly string[];
  /** Default: the starter's own, AUTHENTICATION. */
  readonly type?: MessageTrafficType;
}

async function runStarter(
  stack: DeliveryStack,
  starter: Starter,
  { behaviour, options = [], type }: StarterRun,
): Promise<Started> {
  const phone = newPhone();
  const order = randomUUID();
  stack.simulator.script(phone, behaviour);
  const written = await starter([...options, phone], {
    ...environment(stack, order),
    ...(type !== undefined && { TRAFFIC_TYPE: type }),
  });
  const got = stack.simulator.groundTruth(phone).map(({ channel }) => channel);
  return { written, got, workflowId: workflowIdOf(order) };
}

function environment({ env }: DeliveryStack, order: string): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, JAVA_HOME } = process.env;
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TASK_QUEUE } = env;
  const message = { AGENT_ID: 'shop-agent', ORDER_ID: order, MESSAGE_ID_SECRET: SECRET };
  return { PATH, HOME, TMPDIR, JAVA_HOME, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TASK_QUEUE, ...message };
}

const TTL_MS = 60_000;
/** How long a starter may take from the time that it writes into ExpireTime to the workflow's start. Milliseconds. */
const STARTING = 20_000;

/** Expects the search attributes by which operators find it. The workflow only updates those that it was started with. */
async function expectFindable({ client }: DeliveryStack, workflowId: string): Promise<void> {
  const { typedSearchAttributes, startTime } = await client.workflow.getHandle(workflowId).describe();
  const get = (name: SearchAttributeName) =>
    typedSearchAttributes.get(defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]));
  expect(get('DeliveryStatus')).toBe('DELIVERED');
  expect(get('RbmAgentId')).toBe('shop-agent');
  expect(get('MessageTrafficType')).toBe('AUTHENTICATION');
  expect(get('IsDuplicate')).toBe(false);
  const ttl = new Date(get('ExpireTime') as Date).getTime() - startTime.getTime();
  expect(Math.abs(ttl - TTL_MS)).toBeLessThan(STARTING);
}

/**
 * Expects that three starts make one delivery, with the contract's workflow id, the messageId that the package derives, an
 * input in plain JSON and search attributes, and that the phone gets one message.
 */
export async function startsOneDelivery(stack: DeliveryStack, starter: Starter): Promise<string> {
  // Slow enough that the starter can start it again and query it while it runs.
  const { written, got, workflowId } = await runStarter(stack, starter, { behaviour: { deliverAfter: '3s' } });
  expect(got).toEqual(['RCS']);
  const handle = stack.client.workflow.getHandle(workflowId);
  const started = await startedEvent(stack, workflowId);
  expect(Buffer.from(started.input?.payloads?.[0]?.metadata?.['encoding'] ?? []).toString()).toBe('json/plain');
  expectPlace(started, { taskQueue: stack.config.taskQueue, priorityKey: 1 });
  expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED' });
  await expectFindable(stack, workflowId);
  return written;
}

/** Expects that a promotion starts on the queue of promotions, as the package's client starts it, and is delivered. */
export async function startsPromotion(stack: DeliveryStack, starter: Starter): Promise<void> {
  const { got, workflowId } = await runStarter(stack, starter, {
    behaviour: { deliverAfter: '3s' },
    type: 'PROMOTION',
  });
  expect(got).toEqual(['RCS']);
  const started = await startedEvent(stack, workflowId);
  expectPlace(started, { taskQueue: `${stack.config.taskQueue}-bulk`, priorityKey: 5 });
}

async function startedEvent({ client }: DeliveryStack, workflowId: string): Promise<StartedEvent> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
}

/** Where it waits for a worker, which message goes first, and that it stays on its worker version. */
function expectPlace(started: StartedEvent, expected: { taskQueue: string; priorityKey: number }): void {
  const { taskQueue, priority, memo } = started;
  expect({ taskQueue: taskQueue?.name, priorityKey: priority?.priorityKey }).toEqual(expected);
  expect(priority?.fairnessKey).toBe('shop-agent');
  expect(JSON.parse(Buffer.from(memo?.fields?.['shortLived']?.data ?? []).toString())).toBe(true);
}

/** Expects that a message that is revoked at once is followed by the SMS. */
export async function revokesAtOnce(stack: DeliveryStack, starter: Starter, option: string): Promise<string> {
  const { written, got } = await runStarter(stack, starter, { behaviour: { rcs: 'offline' }, options: [option] });
  expect(got).toEqual(['SMS']);
  return written;
}

/**
 * Expects one line on stderr that says why the workflow failed, and exit code 1. The same message can then be started with
 * a valid number.
 */
export async function reportsInvalidNumber(stack: DeliveryStack, starter: Starter): Promise<void> {
  const order = randomUUID();
  const error = await starter(['12'], environment(stack, order)).then(String, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ExampleFailed);
  const { code, stderr } = error as ExampleFailed;
  // The `temporal` program does not print a failure's type.
  expect(stderr, String(error)).toMatch(
    /^the delivery failed: (?:InvalidInput: )?The input is not valid\. recipient: must be an E\.164 number.*\n$/,
  );
  expect(code).toBe(1);
  const phone = newPhone();
  stack.simulator.script(phone, { deliverAfter: '3s' });
  await starter([phone], environment(stack, order));
  expect(stack.simulator.groundTruth(phone).map(({ channel }) => channel)).toEqual(['RCS']);
}

/** Expects that a delivery which an operator has terminated is not started again: it may have sent its message. */
export async function keepsTerminated(stack: DeliveryStack, starter: Starter): Promise<void> {
  const order = randomUUID();
  const workflowId = workflowIdOf(order);
  const { workflow } = stack.client;
  const first = await workflow.start(WORKFLOW_TYPE, { workflowId, taskQueue: 'nobody-listens-here', args: [{}] });
  await first.terminate('a test');
  await expect(starter([newPhone()], environment(stack, order))).rejects.toThrow(ExampleFailed);
  const { runId, status } = await workflow.getHandle(workflowId).describe();
  expect({ runId, status: status.name }).toEqual({ runId: first.firstExecutionRunId, status: 'TERMINATED' });
}

/** Matches the output of the starters in Python, Go and Java. */
export const said = ({ outcome, revoked = false }: { readonly outcome: string; readonly revoked?: boolean }) =>
  new RegExp(
    [
      '^started message-delivery:shop-agent:[0-9a-f-]{36}',
      'started again: the same delivery',
      'status (SENDING|AWAITING_DELIVERY)',
      ...(revoked ? ['revokeNow answered (REVOKING|CONFIRMING_REVOCATION)'] : []),
      `outcome ${outcome}`,
      'started after its end: the same delivery\\s*$',
    ].join('\\r?\\n'),
  );
