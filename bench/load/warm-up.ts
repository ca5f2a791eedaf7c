import type { StartInput } from '../../src/client/start-input.js';
import type { TestBed } from '../bed/test-bed.js';
import { closedLoop } from './closed-loop.js';
import type { Messages } from './messages.js';

const COUNT = 100;
const AT_A_TIME = 30;

/**
 * Delivers some messages, so that a part does not measure a worker that has just started. Returns how many were delivered
 * each second: what this machine can do now.
 */
export async function warmUp(bed: TestBed, { code }: Messages, changes: Partial<StartInput> = {}): Promise<number> {
  const began = Date.now();
  await closedLoop({ count: COUNT, atATime: AT_A_TIME }, async () => {
    const input = code({ ttl: '300s', ...changes });
    bed.phones.behave(input, { online: true });
    const { workflowId } = await bed.start(input);
    await bed.client.workflow.getHandle(workflowId).result();
  });
  return (COUNT / (Date.now() - began)) * 1000;
}
