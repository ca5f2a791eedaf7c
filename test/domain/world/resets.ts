import type { Evidence, Finding } from '../../../src/domain/evidence.js';
import { LATENCY } from './latency.js';
import type { World } from './world.js';

/** Schedules the operator's resets. After one, the workflow runs again from an earlier point. */
export function scheduleResets({ agenda, journal, scenario }: World): void {
  for (const { after, keeps } of scenario.resets) {
    agenda.after(after, () => {
      // A settled delivery is not reset in these simulations, since its loop is over.
      journal.reset(Math.floor(journal.delivery.evidence.length * keeps), reexecuted);
    });
  }
}

/** Tells the reset run what the run before had learned, or that this can't be read. */
export function lookBack({ agenda, journal, scenario }: World): void {
  journal.learn({ kind: 'lookBackStarted' });
  const { generation } = journal;
  agenda.after(LATENCY, () => {
    if (journal.generation !== generation) return;
    const isReadable = scenario.historyIsReadable;
    // In the order of time: of two resets, the later one may go back further.
    const former = journal.former.toSorted((one, other) => one.at - other.at);
    if (isReadable) journal.learnFormer(former.flatMap(closed));
    journal.learn({
      kind: 'lookedBack',
      found: isReadable ? 'evidence' : 'unreadable',
      runId: '',
      notifications: 0,
    });
  });
}

const ANSWERS = {
  sendStarted: { kind: 'sendAnswered', answer: 'failed', mayBeQueued: true },
  revokeStarted: { kind: 'revokeAnswered', answer: 'unanswered' },
  smsRequested: { kind: 'smsAnswered', answer: 'unanswered' },
  smsReconciliationStarted: { kind: 'smsReconciled', found: 'unknown' },
} as const satisfies Partial<Record<Evidence['kind'], Finding>>;

const answerTo = (kind: Evidence['kind']): Finding | undefined =>
  kind in ANSWERS ? ANSWERS[kind as keyof typeof ANSWERS] : undefined;

/** A request of the run before that was open when the run ended may have had any effect. */
function closed(item: Evidence, index: number, former: readonly Evidence[]): Evidence[] {
  const answer = answerTo(item.kind);
  if (answer === undefined) return [item];
  const isAnswered = former.slice(index + 1).some(({ kind }) => kind === answer.kind);
  return isAnswered ? [item] : [item, { at: item.at, ...answer }];
}

/**
 * What becomes of the requests that were open at the point to which the workflow was reset. Temporal hands them to a worker
 * again, and the worker sees that they are another run's: it sends nothing, and does not know what that run has sent.
 */
function reexecuted(kept: readonly Evidence[]): Finding[] {
  return Object.entries(ANSWERS).flatMap(([kind, answer]) => {
    const asked = kept.findLastIndex((item) => item.kind === kind);
    const isOpen = asked !== -1 && !kept.slice(asked + 1).some((item) => item.kind === answer.kind);
    if (!isOpen) return [];
    return [answer.kind === 'smsAnswered' ? { ...answer, repeatable: false } : answer];
  });
}
