import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import { findTemporalCli } from '../../../dev/temporal/find-temporal-cli.js';

const run = promisify(execFile);

export const FIRST = ['--type', 'FirstWorkflowTask'];
export const WITHOUT_SIGNALS = [...FIRST, '--reapply-exclude', 'All'];
/** For `test.each`. */
export const BOTH_WAYS: readonly (readonly [title: string, args: readonly string[]])[] = [
  ['with its signals', FIRST],
  ['without its signals', WITHOUT_SIGNALS],
];

/** Runs `temporal workflow reset` as an operator does, with these arguments, against the stack's namespace. */
export async function resetWith({ temporal, client }: DeliveryStack, ...args: readonly string[]): Promise<void> {
  const { path } = await findTemporalCli({ env: process.env });
  const where = ['--address', temporal.address, '--namespace', client.options.namespace];
  await run(path, ['workflow', 'reset', '--reason', 'a test', ...args, ...where]);
}

/** Resets one delivery. Returns the id of the new run. */
export async function reset(stack: DeliveryStack, workflowId: string, ...args: readonly string[]): Promise<string> {
  await resetWith(stack, '--workflow-id', workflowId, ...args);
  return currentRun(stack, workflowId);
}

export async function currentRun({ client }: DeliveryStack, workflowId: string): Promise<string> {
  return (await client.workflow.getHandle(workflowId).describe()).runId;
}
