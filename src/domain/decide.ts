import type { Outcome } from '../contract/status.js';
import { has, type Delivery } from './evidence.js';
import type { Instant } from './plan.js';
import { decideRevocation } from './revocation.js';
import { decideSending, isCreating, isRefused, isStopRequested, wasNeverQueued } from './sending.js';
import { decideSms, isDelivered } from './sms-leg.js';
import { isCancelled, smsWanted, takeBackAt } from './taking-back.js';

/** What to do next. `wait` with `until: null` waits for evidence alone. */
export type Step =
  | {
      readonly do: 'send';
      readonly how: 'local' | 'normal';
      readonly until: Instant;
      readonly platformExpiresAt: Instant;
    }
  | { readonly do: 'stopSending' }
  | { readonly do: 'revoke'; readonly timeout: number }
  | { readonly do: 'sendSms' }
  | { readonly do: 'stopSms' }
  | { readonly do: 'reconcileSms'; readonly sentAfter: Instant }
  | { readonly do: 'wait'; readonly until: Instant | null }
  | { readonly do: 'settle'; readonly outcome: Outcome };

/** What to do next, given all that is known. Total, deterministic, with no clock of its own. */
export function decide(delivery: Delivery, now: Instant): Step {
  if (has(delivery, 'smsRequested')) return decideSms(delivery, now);

  // Proof of delivery beats everything that came before or comes after.
  if (isDelivered(delivery)) return { do: 'settle', outcome: 'DELIVERED' };

  // RBM surely never took it: there is nothing to take back.
  if (wasNeverQueued(delivery, now)) return instead(delivery, isRecalled(delivery) ? 'REVOKED' : 'UNDELIVERABLE');

  const takeBack = takeBackAt(delivery);
  if (now < takeBack) return decideSending(delivery, now) ?? { do: 'wait', until: takeBack };

  // A create that is still under way could queue the message after our DELETE.
  if (isCreating(delivery) && !isStopRequested(delivery)) return { do: 'stopSending' };

  const revocation = decideRevocation(delivery, now);
  if (revocation === 'revoked') return instead(delivery, 'REVOKED');
  if (revocation === 'inconclusive') {
    return delivery.plan.whenUncertain === 'send' ? instead(delivery, 'UNCERTAIN') : withoutSms(delivery, 'UNCERTAIN');
  }
  return revocation;
}

/** An operator took it back before RBM had refused it. */
const isRecalled = (delivery: Delivery) => has(delivery, 'revokeRequested') && !isRefused(delivery);

/** The RCS leg is over: the SMS, when one is asked for, else this outcome. */
function instead(delivery: Delivery, outcome: Outcome): Step {
  return smsWanted(delivery) ? { do: 'sendSms' } : withoutSms(delivery, outcome);
}

function withoutSms(delivery: Delivery, outcome: Outcome): Step {
  return { do: 'settle', outcome: isCancelled(delivery) ? 'CANCELLED' : outcome };
}

/** A wait goes on as long as `decide` would still say the same. */
export function isSameWait(step: Step, other: Step): boolean {
  return step.do === 'wait' && other.do === 'wait' && step.until === other.until;
}
