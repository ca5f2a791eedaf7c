import type { OperatorAction } from './scenario.js';
import type { World } from './world.js';

/** Schedules what the operators do. As in the workflow, `revokeNow` and `changeExpiry` are refused once it is too late. */
export function scheduleOperators(world: World): void {
  for (const { after, does } of world.scenario.operators) {
    world.agenda.after(after, () => {
      operate(world, does);
    });
  }
}

function operate({ agenda, journal, plan }: World, does: OperatorAction): void {
  if (does === 'cancel') {
    journal.learn({ kind: 'cancelRequested' });
    return;
  }
  const isSettling = journal.delivery.evidence.some(({ kind }) => kind === 'smsRequested' || kind === 'revokeStarted');
  if (isSettling || agenda.now >= plan.expiresAt) return;
  switch (does) {
    case 'revokeNow':
      journal.learn({ kind: 'revokeRequested', reason: 'x', fallback: 'sms' });
      return;
    case 'revokeNowNoSms':
      journal.learn({ kind: 'revokeRequested', reason: 'x', fallback: 'none' });
      return;
    case 'extend':
      journal.learn({ kind: 'expiryChanged', expiresAt: plan.expiresAt + 30_000 });
      return;
    case 'shorten':
      journal.learn({ kind: 'expiryChanged', expiresAt: agenda.now + 5_000 });
      return;
  }
}
