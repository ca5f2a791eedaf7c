import type { NextStep } from '../contract/status.js';
import { toTime } from './plan.js';
import { revokeDueAt } from './rcs.js';
import { revocationGivesUpAt, revocationMode, type RevocationMode } from './revocation.js';
import type { Snapshot } from './snapshot.js';

/** What happens at the end of the wait, for people. Null if nothing is waited for, or only evidence. */
export function nextStepOf(snapshot: Snapshot): NextStep | null {
  const forecast = snapshot.forecast();
  if (forecast === null) return null;
  const { at, decision } = forecast;
  const time = toTime(at);
  if ('outcome' in decision) return { action: decision.outcome, time };
  const { do: action } = decision.step;
  if (action === 'wait') return null;
  return action === 'revoke' ? { action, time, ...revocationOf(snapshot) } : { action, time };
}

const UNCONFIRMED: Readonly<Record<RevocationMode, string>> = {
  deadline: 'sendSms',
  cancelled: 'CANCELLED',
  hold: 'UNCERTAIN',
};

/** Beside the SMS leg, the revocation goes on until RBM drops the message: it is not given up at a time of its own. */
function revocationOf({ delivery, now }: Snapshot): Pick<NextStep, 'attempt' | 'givesUp'> {
  const { facts, plan } = delivery;
  const { rcs, sms } = facts;
  if (now < revokeDueAt(rcs)) return {};
  const attempt = rcs.deleteAnswers + 1;
  if (sms.requestedAt !== undefined) return { attempt };
  const action = UNCONFIRMED[revocationMode(rcs, plan)];
  return { attempt, givesUp: { action, time: toTime(revocationGivesUpAt(facts, plan)) } };
}
