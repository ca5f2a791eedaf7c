import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import type { DeliveryHandle } from '../../src/client/delivery-handle.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../../src/contract/status.js';
import { NoWorkerError } from '../../src/client/client-errors.js';
import { createDeliveryClient } from '../../src/client/delivery-client.js';
import { demoBehaviours, demoPhones } from '../simulator/demo-phones.js';
import type { Cleanups } from '../stack/cleanups.js';
import { startDeliveryStack, type DeliveryStack } from '../stack/delivery-stack.js';
import { createBoard, table, type Row } from './board.js';
import { lookAround } from './look-around.js';
import { readMessages } from './messages-file.js';
import type { DemoOptions } from './options.js';
import { agrees, phoneGot } from './verdict.js';

const POLL_MS = 250;

interface Started {
  readonly line: number;
  readonly input: MessageDeliveryInput;
  readonly handle: DeliveryHandle;
}

/** Runs the demo. Resolves with the exit code. `cleanups` gets what Ctrl-C must undo. */
export async function runDemo(options: DemoOptions, cleanups: Cleanups): Promise<number> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const file = await readFile(options.messages, 'utf8').catch(() => undefined);
  if (file === undefined) return fail(`${options.messages} cannot be read`);
  const lines = readMessages(file, Date.now());
  for (const line of lines) if ('problem' in line) say(`${options.messages}:${String(line.line)}: ${line.problem}`);
  const valid = lines.flatMap((line) => ('input' in line ? [line] : []));
  if (valid.length === 0) return fail(`${options.messages} holds no valid message`);

  const stack = await startDeliveryStack({
    temporal: { ui: true },
    simulator: { phones: demoBehaviours },
    onProgress: (line) => {
      say(`  ${line}`);
    },
    cleanups,
  });
  const recipientHashKey = stack.env['RECIPIENT_HASH_KEY'] ?? '';
  const { taskQueue } = stack.config;
  const client = createDeliveryClient({ client: stack.client, taskQueue, searchAttributes: { recipientHashKey } });
  const started = await Promise.all(
    valid.map(async ({ line, input }) => ({ line, input, handle: await client.start(input) })),
  );
  await follow(started);
  const ok = await report(started, stack, say);
  if (options.keep) {
    say(lookAround(stack));
    await new Promise(() => undefined);
  }
  return ok ? 0 : 1;
}

function fail(problem: string): number {
  process.stderr.write(`${problem}\n`);
  return 2;
}

const titleOf = ({ recipient }: MessageDeliveryInput) => demoPhones[recipient]?.title ?? 'a phone that is online';

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

/** Prints each outcome beside what the phone really got. Resolves with true if all agree. */
async function report(
  started: readonly Started[],
  stack: DeliveryStack,
  say: (line: string) => void,
): Promise<boolean> {
  const results = await Promise.all(started.map(({ handle }) => handle.outcome()));
  const verdicts = started.map(({ line, input, handle }, index) => {
    const result = results[index] as MessageDeliveryResult;
    const truth = stack.simulator.truthFor(input.messageId);
    return { line, title: titleOf(input), handle, result, truth, ok: agrees(result, truth) };
  });
  const rows = verdicts.map(({ line, title, result, truth, ok }) => [
    ...[String(line), title, result.outcome, phoneGot(truth), ok ? '✓' : '✗ DISAGREES'],
  ]);
  say(`\n${table(['line', 'the phone', 'outcome', 'phone got', 'agree'], rows)}`);
  const { uiUrl, namespace } = stack.temporal;
  if (uiUrl !== undefined) {
    say('\nHistories in the Web UI (while Temporal runs: --keep):');
    for (const { line, handle } of verdicts) {
      say(`  ${String(line)}  ${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(handle.workflowId)}`);
    }
  }
  const agreeing = verdicts.filter(({ ok }) => ok).length;
  say(`\n${String(agreeing)} of ${String(verdicts.length)} deliveries agree with what the phone really got.`);
  return agreeing === verdicts.length;
}
