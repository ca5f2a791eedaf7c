import { sleep } from '@temporalio/workflow';

/** Sleeps and says for how long. */
export async function trivial(duration: string): Promise<string> {
  await sleep(duration);
  return `slept ${duration}`;
}
