import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeliveryHandle } from '../../src/client/delivery-handle.js';
import type { DeliveryStatus } from '../../src/contract/status.js';
import { NoWorkerError } from '../../src/client/client-errors.js';
import { createDeliveryClient } from '../../src/client/delivery-client.js';
import { demoBehaviours } from '../simulator/demo-phones.js';
import type { Cleanups } from '../stack/cleanups.js';
import { startDeliveryStack } from '../stack/delivery-stack.js';
import { createProgress } from '../terminal/progress.js';
import { createBoard } from './board.js';
import { howToKeep, lookAround } from './look-around.js';
import { readMessages } from './messages-file.js';
import type { DemoOptions } from './options.js';
import { report, type Started } from './report.js';
import type { Row } from './rows.js';
import { titleOf } from './title.js';

const POLL_MS = 250;

/** Runs the demo. Resolves with the exit code. `cleanups` gets what Ctrl-C must undo. */
export async function runDemo(options: DemoOptions, cleanups: Cleanups): Promise<number> {
  const out = process.stdout;
  const say = (line: string) => out.write(`${line}\n`);
  const file = await readFile(options.messages, 'utf8').catch(() => undefined);
  if (file === undefined) return fail(`${options.messages} cannot be read`);
  const lines = readMessages(file, Date.now());
  for (const line of lines) if ('problem' in line) say(`${options.messages}:${String(line.line)}: ${line.problem}`);
  const valid = lines.flatMap((line) => ('input' in line ? [line] : []));
  if (valid.length === 0) return fail(`${options.messages} holds no valid message`);

  const stack = await startDeliveryStack({
    temporal: { ui: true },
    simulator: { phones: demoBehaviours },
    onProgress: createProgress({ out, prefix: '  ' }),
    cleanups,
  });
  const recipientHashKey = stack.env['RECIPIENT_HASH_KEY'] ?? '';
  const { taskQueue } = stack.config;
  const client = createDeliveryClient({ client: stack.client, taskQueue, searchAttributes: { recipientHashKey } });
  const started = await Promise.all(
    valid.map(async ({ line, input }) => ({ line, input, handle: await client.start(input) })),
  );
  await follow(started);
  const ok = await report({ started, simulator: stack.simulator, out });
  if (options.keep) {
    say(
      lookAround(
        stack,
        started.map(({ input }) => input),
      ),
    );
    await new Promise(() => undefined);
  }
  say(howToKeep(options));
  return ok ? 0 : 1;
}

function fail(problem: string): number {
  process.stderr.write(`${problem}\n`);
  return 2;
}

/** Shows every delivery until all have settled. */
async function follow(started: readonly Started[]): Promise<void> {
  const board = createBoard(process.stdout);
  const rows: Row[] = started.map(({ line, input }) => ({ number: line, title: titleOf(input) }));
  while (rows.some(({ status }) => status?.outcome == null)) {
    await Promise.all(
      started.map(async ({ handle }, index) => {
        const row = rows[index];
        if (row !== undefined && row.status?.outcome == null) row.status = await statusOf(handle);
      }),
    );
    board.update(rows, Date.now());
    await delay(POLL_MS);
  }
  board.close();
}

/** A query may have to wait for a busy worker: the demo, its servers and the browser share one machine. */
async function statusOf(handle: DeliveryHandle, tries = 6): Promise<DeliveryStatus> {
  try {
    return await handle.status();
  } catch (error) {
    if (!(error instanceof NoWorkerError) || tries <= 1) throw error;
    return statusOf(handle, tries - 1);
  }
}
