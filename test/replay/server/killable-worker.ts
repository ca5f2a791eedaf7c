import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { startGuarded } from '../../../dev/temporal/guarded-process.js';
import { quietTemporal } from '../../support/quiet-temporal.js';
import { startTestWorker } from './test-worker.js';

/*
 * A worker that dies without a word, as after an out-of-memory kill. Run by itself, this file is that worker's process.
 */

export interface KillableWorker {
  /** Resolves when RBM got the create request. */
  readonly inCreate: Promise<void>;
  readonly kill: () => Promise<void>;
}

export interface KillableWorkerOptions {
  readonly address: string;
  readonly taskQueue: string;
  /** RBM never answers the create. */
  readonly hangsInCreate: boolean;
}

const IN_CREATE = 'in the create';

export async function startKillableWorker(options: KillableWorkerOptions): Promise<KillableWorker> {
  let seen = (): void => undefined;
  const inCreate = new Promise<void>((resolve) => (seen = resolve));
  const child = await startGuarded({
    command: process.execPath,
    args: ['--import', 'tsx', fileURLToPath(import.meta.url), JSON.stringify(options)],
    env: process.env,
    onOutput: (text) => {
      if (text.includes(IN_CREATE)) seen();
    },
  });
  return {
    inCreate,
    async kill() {
      process.kill(child.pid, 'SIGKILL');
      await child.ended;
    },
  };
}

async function beTheWorker({ address, taskQueue, hangsInCreate }: KillableWorkerOptions): Promise<void> {
  quietTemporal();
  const client = new Client({ connection: await Connection.connect({ address }) });
  const connection = await NativeConnection.connect({ address });
  const sendRcs = () => {
    console.log(IN_CREATE);
    return hangsInCreate ? new Promise<never>(() => undefined) : Promise.resolve({ acceptedEarlier: false });
  };
  await startTestWorker({ client, connection, taskQueue, activities: { sendRcs } });
}

const [, self, given] = process.argv;
if (self === fileURLToPath(import.meta.url) && given !== undefined) {
  await beTheWorker(JSON.parse(given) as KillableWorkerOptions);
}
