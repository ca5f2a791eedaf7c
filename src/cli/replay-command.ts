import { Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from './arguments.js';
import type { ReplayFlags } from './replay-namespace.js';
import type { Terminal } from './terminal.js';

const DEFAULT_SAMPLE = 1_000;

export function replayCommand(terminal: Terminal): Command {
  return new Command('replay')
    .description("replay the namespace's own histories on this build: run it before a deploy")
    .option('--query <query>', "only those that match Temporal's list filter too")
    .option('--sample <number>', 'this many, chosen at random; all: every one', sampleSize, DEFAULT_SAMPLE)
    .option('--concurrency <number>', 'how many histories are fetched at a time', wholeNumber(1, 50), 8)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Run it with the new build, before its workers start, in the environment of its
workers: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and PAYLOAD_ENCRYPTION_KEYS. It
only reads. It starts nothing, changes nothing and calls neither RBM nor an SMS
provider.

A workflow whose history does not replay can't go on with this build. Then the
command exits with 1 and says where the first ones diverge: don't deploy.

It replays deliveries, notifications and opt-outs, running and closed ones.
What is deleted meanwhile is left out, and so is what no worker has begun.

Examples:
  rcs-delivery replay
  rcs-delivery replay --query 'ExecutionStatus="Running"' --sample all
  rcs-delivery replay --query 'WorkflowType="optOut"' --json`,
    )
    .action(async (flags: ReplayFlags) => {
      const { queryOf, replayNamespace } = await import('./replay-namespace.js');
      const query = queryOf(flags.query);
      const { withAccess } = await import('./client-access.js');
      await withAccess(terminal, (access) => replayNamespace(access, query, flags));
    });
}

function sampleSize(given: string): number {
  if (given === 'all') return Infinity;
  try {
    return wholeNumber(1, 100_000)(given);
  } catch {
    throw new InvalidArgumentError('It must be a whole number from 1 to 100000, or all.');
  }
}
