import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { FailureType, type UnreadableCode, type UnreadableDetails } from '../contract/failures.js';
import type { FormerFact, FormerRuns } from '../contract/former-run.js';
import { bounded } from './bounded-facts.js';
import { factsIn } from './former-facts.js';
import { RunHistoryError, type RunEvent, type RunHistories, type RunHistoryProblem } from './run-histories.js';

export interface LookBackInput {
  readonly workflowId: string;
  /** The reset run, which asks. */
  readonly runId: string;
}

export interface LookBackDependencies {
  /** Absent: `lookBack` fails without a retry, and a reset delivery creates nothing again. */
  readonly histories?: RunHistories;
}

const NO_HISTORIES = 'this worker has no access to histories: give createActivities the port `histories`';

export async function lookBack({ histories }: LookBackDependencies, input: LookBackInput): Promise<FormerRuns> {
  const { runId } = input;
  if (histories === undefined) throw unreadable({ code: 'NO_HISTORIES', runId }, NO_HISTORIES);
  try {
    return await formerRuns(histories, input);
  } catch (error) {
    if (!(error instanceof RunHistoryError)) throw error;
    throw unreadable({ code: CODES[error.problem], runId }, error.message);
  }
}

const CODES: Readonly<Record<RunHistoryProblem, UnreadableCode>> = {
  unavailable: 'UNAVAILABLE',
  gone: 'GONE',
  undecodable: 'UNDECODABLE',
};

function unreadable(details: UnreadableDetails, message: string): ApplicationFailure {
  const { code } = details;
  return ApplicationFailure.create({
    type: FailureType.FormerRunUnreadable,
    message,
    nonRetryable: code !== 'UNAVAILABLE',
    details: [details],
    ...(code === 'UNAVAILABLE' && { category: ApplicationFailureCategory.BENIGN }),
  });
}

async function formerRuns(histories: RunHistories, { workflowId, runId }: LookBackInput): Promise<FormerRuns> {
  const own = await histories.read({ workflowId, runId });
  const known = new Set(own.map(({ key }) => key));
  const facts = new Map<string, FormerFact>();
  const sequences = sequencesIn(own);
  let inputTaken = false;
  for await (const events of formerHistories(histories, { workflowId, runId, own })) {
    for (const { key, fact } of factsIn(events)) if (!known.has(key)) facts.set(key, fact);
    sequences.push(...sequencesIn(events));
    inputTaken ||= tookInput(events);
  }
  return { runId, facts: bounded([...facts.values()]), inputTaken, notifications: Math.max(0, ...sequences) };
}

/**
 * The histories of the base run, of its base run, and so on, and of every other run that was reset from one of those: a
 * second batch reset with the same query resets the first run again, beside the run that the first reset had made.
 */
async function* formerHistories(
  histories: RunHistories,
  { workflowId, runId, own }: LookBackInput & { readonly own: readonly RunEvent[] },
): AsyncGenerator<readonly RunEvent[]> {
  const bases = basesIn(own);
  if (bases.length === 0) return;
  const original = originalOf(own);
  const seen = new Set([runId]);
  // The base runs come first. They are found even if the list of runs lacks one.
  const found = [...bases, ...(await histories.runIds(workflowId))];
  for (let next = found.shift(); next !== undefined; next = found.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const events = await histories.read({ workflowId, runId: next });
    // Somebody started the same message anew, after the run before was closed.
    if (originalOf(events) !== original) continue;
    found.unshift(...basesIn(events));
    yield events;
  }
}

const basesIn = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.kind === 'reset' ? [event.baseRunId] : []));

const tookInput = (events: readonly RunEvent[]) =>
  events.some(({ kind }) => kind === 'taskCompleted') && !events.some(({ kind }) => kind === 'inputRefused');

const sequencesIn = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.kind === 'notification' ? [event.sequence] : []));

const originalOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.kind === 'started' ? [event.originalRunId] : []))[0];
