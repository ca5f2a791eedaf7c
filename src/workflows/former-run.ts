import type { SendRcsResult, SendSmsResult } from '../activities/message-activities.js';
import type { FormerActivity, FormerFact, FormerRuns } from '../contract/former-run.js';
import type { Evidence, Finding, SmsReconciled } from '../domain/evidence.js';
import { platformExpiry, type Instant, type Plan } from '../domain/plan.js';
import { accepted, revokeAnswerOf, sendAnswerOf, smsAnswerOf } from './answers.js';
import { readFormerFailure } from './failure-reading.js';
import type { SignalReader } from './signals.js';

/**
 * What the runs before a reset had learned, as evidence of this run, in the order of time. A request that was open when its
 * run ended may have had any effect, so it counts as unanswered.
 */
export function evidenceOf({ facts }: FormerRuns, plan: Plan, readSignal: SignalReader): Evidence[] {
  const evidence = facts.flatMap((fact) => evidenceIn(fact, plan, readSignal));
  return withExpiries(
    evidence.toSorted((one, other) => one.at - other.at),
    plan,
  );
}

/** A create asked RBM for the expiry that counted then. */
function withExpiries(evidence: readonly Evidence[], plan: Plan): Evidence[] {
  let { expiresAt } = plan;
  return evidence.map((item) => {
    if (item.kind === 'expiryChanged') ({ expiresAt } = item);
    return item.kind === 'sendStarted' ? { ...item, platformExpiresAt: platformExpiry(plan, expiresAt) } : item;
  });
}

function evidenceIn(fact: FormerFact, plan: Plan, readSignal: SignalReader): Evidence[] {
  switch (fact.kind) {
    case 'signal': {
      const event = readSignal(fact.name, fact.payload);
      return event === undefined ? [] : [{ at: Date.parse(fact.time), ...event }];
    }
    case 'update':
      return [{ at: Date.parse(fact.time), ...updateIn(fact) }];
    case 'cancelRequested':
      return [{ at: Date.parse(fact.time), kind: 'cancelRequested' }];
    case 'activity':
      return activityIn(fact, plan);
    // How it settled follows from the rest.
    case 'completed':
      return [];
  }
}

function updateIn(fact: Extract<FormerFact, { kind: 'update' }>): Finding {
  if (fact.name === 'revokeNow') return { kind: 'revokeRequested', ...fact.input };
  return { kind: 'expiryChanged', expiresAt: Date.parse(fact.input.expireTime) };
}

function activityIn(activity: FormerActivity, plan: Plan): Evidence[] {
  const startedAt: Instant = Date.parse(activity.scheduledTime);
  const endedAt: Instant = Date.parse(activity.endTime ?? activity.scheduledTime);
  const [started, ended] = startAndEnd(activity, plan);
  return [
    { at: startedAt, ...started },
    { at: Math.max(startedAt, endedAt), ...ended },
  ];
}

function startAndEnd(activity: FormerActivity, plan: Plan): readonly [Finding, Finding] {
  const { type, local, end, result } = activity;
  const isCompleted = end === 'completed';
  const reading = readFormerFailure(activity);
  switch (type) {
    case 'sendRcs': {
      const started = {
        kind: 'sendStarted',
        how: local ? 'local' : 'normal',
        // Until the changes of the expiry are known: withExpiries.
        platformExpiresAt: plan.expiresAt,
      } as const;
      return [started, isCompleted ? accepted((result ?? {}) as SendRcsResult) : sendAnswerOf(reading)];
    }
    case 'revokeRcs':
      return [
        { kind: 'revokeStarted' },
        isCompleted ? { kind: 'revokeAnswered', answer: 'revoked' } : revokeAnswerOf(reading),
      ];
    case 'sendSms': {
      const sent: Finding = { kind: 'smsAnswered', answer: 'accepted', ...(result as SendSmsResult | undefined) };
      return [{ kind: 'smsRequested' }, isCompleted ? sent : smsAnswerOf(reading)];
    }
    case 'reconcileSms': {
      const answer = (result ?? { found: 'unknown' }) as Omit<SmsReconciled, 'kind'>;
      return [
        { kind: 'smsReconciliationStarted' },
        isCompleted ? { kind: 'smsReconciled', ...answer } : { kind: 'smsReconciled', found: 'unknown' },
      ];
    }
  }
}
