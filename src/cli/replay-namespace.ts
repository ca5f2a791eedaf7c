import { isBalanced, UNBALANCED } from '../client/delivery-query.js';
import { WORKFLOW_TYPE } from '../contract/ids.js';
import { NOTIFICATION_WORKFLOW_TYPE } from '../contract/notification.js';
import { OPT_OUT_WORKFLOW_TYPE } from '../contract/opt-out.js';
import { createDataConverter } from '../encryption/data-converter.js';
import type { Access } from './client-access.js';
import { CommandFailedError, UnavailableError, UsageError } from './errors.js';
import { grouped } from './format.js';
import { createProgress, printNote, printResult } from './printer.js';
import { replayRuns, type ReplayTally } from './replay-runs.js';
import { histories, replayText } from './replay-view.js';
import { chosenRuns, historyReader } from './stored-runs.js';

const TYPES = [WORKFLOW_TYPE, NOTIFICATION_WORKFLOW_TYPE, OPT_OUT_WORKFLOW_TYPE] as const;

export interface ReplayFlags {
  readonly query?: string;
  readonly sample: number;
  readonly concurrency: number;
  readonly json?: boolean;
}

/** The query of the workflows to replay: those of this project, and of them those that match. Throws a UsageError. */
export function queryOf(query: string | undefined): string {
  const types = `WorkflowType IN (${TYPES.map((type) => `'${type}'`).join(', ')})`;
  if (query === undefined) return types;
  if (query.trim() === '') throw new UsageError('--query must not be empty: leave it out to replay all');
  if (!isBalanced(query)) throw new UsageError(`--query ${UNBALANCED}`);
  return `${types} AND (${query})`;
}

/** Replays them, and prints how many did. Throws if one did not. */
export async function replayNamespace(access: Access, query: string, flags: ReplayFlags): Promise<void> {
  const { terminal, client, config } = access;
  const signal = terminal.shutdownSignal();
  const { count: matched } = await access.search(() => access.call(() => client.workflow.count(query)));
  if (matched === 0) printNote(terminal, 'no workflow matches: there is nothing to replay');
  const runs = await chosenRuns(access, { query, matched, sample: flags.sample, signal });
  const progress = createProgress(Math.min(matched, flags.sample), terminal.stderr);
  // The worker's part of the SDK is large, so no other command of this kind loads it.
  const { createReplayer } = await import('../worker/replay-histories.js');
  const replayer = createReplayer({ dataConverter: createDataConverter({ keys: config.encryptionKeys }) });
  try {
    const tally = await replayRuns({
      runs,
      fetch: historyReader(access),
      replay: (run) => replayer.replay(run),
      concurrency: flags.concurrency,
      signal,
      onProgress: (finished, diverged) => {
        progress.update(finished, diverged === 0 ? '' : `${grouped(diverged)} diverged`);
      },
    }).finally(progress.end);
    printResult(terminal, { value: { matched, ...tally }, json: flags.json, text: () => replayText(tally, matched) });
    throwUnlessAllReplay(tally, config.temporal.address);
  } finally {
    await replayer.close();
  }
}

function throwUnlessAllReplay({ diverged, stopped, unread }: ReplayTally, address: string): void {
  if (diverged > 0) {
    const which = diverged === 1 ? '1 history does' : `${grouped(diverged)} histories do`;
    throw new CommandFailedError(
      `${which} not replay on this build: don't deploy it\nWhat to do: docs/operations.md, Before a deploy`,
    );
  }
  if (stopped === 'interrupted') throw new CommandFailedError('interrupted: not every history was replayed');
  if (unread > 0) {
    throw new UnavailableError(`Temporal at ${address} did not return ${histories(unread)}: run it again`);
  }
}
