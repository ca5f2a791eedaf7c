import { fileURLToPath } from 'node:url';
import { profiling, type TestBed } from '../bed/test-bed.js';
import { startWorkerProcess } from '../bed/worker-process.js';

/** The bare workflow beside the deliveries: the same Temporal, the same fake, a worker of its own. */
export interface Bare {
  readonly pid: number;
  /** Starts one and waits for its result. */
  readonly run: (id: string) => Promise<void>;
}

const TASK_QUEUE = 'bench-bare';
const PROGRAM = fileURLToPath(new URL('worker.ts', import.meta.url));

export async function startBare({ client, address, fake, cleanups }: TestBed, profileDir?: string): Promise<Bare> {
  const worker = cleanups.add(
    await startWorkerProcess({
      args: ['--import', 'tsx', ...profiling(profileDir), PROGRAM, address, TASK_QUEUE, fake.url],
      env: process.env,
      queue: { client, taskQueue: TASK_QUEUE },
      queues: ['workflows'],
    }),
    (one) => one.stop(),
  );
  return {
    pid: worker.pid,
    async run(id) {
      const options = { workflowId: `bench-bare:${id}`, taskQueue: TASK_QUEUE, args: [id] };
      await (await client.workflow.start('bare', options)).result();
    },
  };
}
