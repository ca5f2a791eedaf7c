import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey } from '@temporalio/common';
import { expect } from 'vitest';
import type { PhoneBehaviourInput } from '../../../dev/simulator/phone-behaviour.js';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import { SEARCH_ATTRIBUTES, type SearchAttributeName } from '../../../src/contract/search-attributes.js';
import { newPhone, SLACK } from '../../e2e/support/deliver.js';
import { ExampleFailed } from './run-example.js';

/** A starter in some language: runs with these arguments in this environment, and returns what it wrote. */
export type Starter = (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<string>;

interface Started {
  readonly written: string;
  readonly got: readonly string[];
  readonly workflowId: string;
}

/** Under a messageId that we choose, in the upper case that the contract says is the same. */
async function runStarter(
  stack: DeliveryStack,
  starter: Starter,
  { behaviour, options = [] }: { readonly behaviour: PhoneBehaviourInput; readonly options?: readonly string[] },
): Promise<Started> {
  const phone = newPhone();
  const messageId = randomUUID();
  stack.simulator.script(phone, behaviour);
  const written = await starter([...options, phone], environment(stack, messageId));
  const got = stack.simulator.groundTruth(phone).map(({ channel }) => channel);
  return { written, got, workflowId: `message-delivery:shop-agent:${messageId}` };
}

function environment({ env }: DeliveryStack, messageId: string): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, JAVA_HOME } = process.env;
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = env;
  const message = { AGENT_ID: 'shop-agent', MESSAGE_ID: messageId.toUpperCase() };
  return { PATH, HOME, TMPDIR, JAVA_HOME, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, ...message };
}

const TTL_MS = 600_000;

/** Operators find it, in the end by its outcome: the workflow tells that only if it was started with the attribute. */
async function expectFindable({ client }: DeliveryStack, workflowId: string): Promise<void> {
  const { typedSearchAttributes, startTime } = await client.workflow.getHandle(workflowId).describe();
  const get = (name: SearchAttributeName) =>
    typedSearchAttributes.get(defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]));
  expect(get('DeliveryStatus')).toBe('DELIVERED');
  expect(get('RbmAgentId')).toBe('shop-agent');
  expect(get('MessageTrafficType')).toBe('AUTHENTICATION');
  expect(get('IsDuplicate')).toBe(false);
  const ttl = new Date(get('ExpireTime') as Date).getTime() - startTime.getTime();
  expect(Math.abs(ttl - TTL_MS)).toBeLessThan(SLACK);
}

/**
 * Started three times, it was one delivery under the contract's id, with an input of plain JSON and search attributes: the
 * phone got one message.
 */
export async function startsOneDelivery(stack: DeliveryStack, starter: Starter): Promise<string> {
  // Slow enough to be started again and to be asked while it runs.
  const { written, got, workflowId } = await runStarter(stack, starter, { behaviour: { deliverAfter: '3s' } });
  expect(got).toEqual(['RCS']);
  const handle = stack.client.workflow.getHandle(workflowId);
  const { events } = await handle.fetchHistory();
  const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  expect(Buffer.from(payload?.metadata?.['encoding'] ?? []).toString()).toBe('json/plain');
  expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED' });
  await expectFindable(stack, workflowId);
  return written;
}

/** Taken back at once, the message reached the person by SMS. */
export async function takesItBack(stack: DeliveryStack, starter: Starter, option: string): Promise<string> {
  const { written, got } = await runStarter(stack, starter, { behaviour: { rcs: 'offline' }, options: [option] });
  expect(got).toEqual(['SMS']);
  return written;
}

/** With a wrong number it tells why the workflow failed, in one line on stderr and nothing else there, and ends badly. */
export async function tellsWrongNumber(stack: DeliveryStack, starter: Starter): Promise<void> {
  const error = await starter(['12'], environment(stack, randomUUID())).then(String, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ExampleFailed);
  const { code, stderr } = error as ExampleFailed;
  // The `temporal` program doesn't print a failure's type.
  expect(stderr).toMatch(
    /^the delivery failed: (?:InvalidInput: )?The input is not valid\. recipient: must be an E\.164 number.*\n$/,
  );
  expect(code).toBe(1);
}

/** What the starters in Python, Go and Java write. */
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
