import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allOf, has, type Delivery } from '../../src/domain/evidence.js';
import { revokeTimeout } from '../../src/domain/plan.js';
import { isDuplicate } from '../../src/domain/report.js';
import { smsDeadline } from '../../src/domain/revocation.js';
import { isDelivered } from '../../src/domain/sms-leg.js';
import { scenarios } from './scenarios.js';
import { play, type Run, type Scenario } from './world.js';

const RUNS = Number(process.env['GUARANTEE_RUNS'] ?? 20_000);

const knownAt = (run: Run, known: number): Delivery => ({ plan: run.plan, evidence: run.evidence.slice(0, known) });
const smsSteps = (run: Run) => run.steps.filter(({ step }) => step.do === 'sendSms');

/** Found by a random run. RBM says REVOKED, and REVOKE_FAILED 4 s later; the DELETE that must follow hangs. */
const CONTRADICTED_LATE: Scenario = {
  input: {
    messageTrafficType: 'AUTHENTICATION',
    ttl: '10s',
    revocation: { strategy: 'platform', grace: '5s', budget: '30s' },
    fallback: { sms: { text: 'x' } },
  },
  creates: ['ok'],
  deletes: ['hangs', '429'],
  onlineAfter: Infinity,
  reading: 'new',
  deliveredDelays: [],
  ttlEvent: { kind: 'contrary', delay: 15_900 },
  strays: [{ after: 21_700, kind: 'ttlExpirationRevoked' }],
  smsProvider: 'plain',
  sms: ['ok'],
  reconciles: ['unknown'],
  receipt: { status: 'none', delay: 0 },
};

const GUARANTEES: Record<string, (run: Run, scenario: Scenario) => void> = {
  'G1: every delivery settles, in a bounded number of steps and days': (run) => {
    expect(run.settledAt - run.plan.startedAt).toBeLessThan(3 * 86_400_000);
    expect(run.evidence.length).toBeLessThan(400);
  },

  'G2: at most one SMS is accepted': (run) => {
    expect(run.truth.smsSent).toBeLessThanOrEqual(1);
  },

  'G3: no SMS is requested once evidence of delivery is there': (run) => {
    for (const { known } of smsSteps(run)) expect(isDelivered(knownAt(run, known))).toBe(false);
  },

  'G4: no SMS before an attempt to revoke has ended, unless RBM never had the message': (run, scenario) => {
    if (scenario.strays.length > 0) return;
    for (const { known } of smsSteps(run)) {
      const attempted = has(knownAt(run, known), 'revokeAnswered', 'ttlExpirationRevoked');
      expect(attempted || !run.truth.queued).toBe(true);
    }
  },

  'G5: under `send` the SMS is requested by expiry plus budget, after an outage within one revoke and one grace': (
    run,
    { outage },
  ) => {
    const [first] = smsSteps(run);
    if (first === undefined || run.plan.whenUncertain === 'hold') return;
    const back = outage === undefined ? -Infinity : run.plan.startedAt + outage.after + outage.lasts;
    const afterOutage = back + 2 * revokeTimeout(run.plan) + run.plan.grace + 1_000;
    expect(first.at).toBeLessThanOrEqual(Math.max(smsDeadline(knownAt(run, first.known)), afterOutage));
  },

  'G6: under `hold` no SMS without a confirmed revocation, unless RBM never had the message': (run) => {
    if (run.plan.whenUncertain === 'send') return;
    for (const { known } of smsSteps(run).slice(0, 1)) {
      const delivery = knownAt(run, known);
      const deleted = allOf(delivery, 'revokeAnswered').some(({ answer }) => answer === 'revoked');
      const byPlatform = has(delivery, 'ttlExpirationRevoked') && !has(delivery, 'ttlExpirationRevokeFailed');
      expect(deleted || byPlatform || !run.truth.queued).toBe(true);
    }
  },

  'a late DELIVERED has its grace: no SMS sooner after the confirming answer, but for the deadline': (run) => {
    const [first] = smsSteps(run);
    if (first === undefined) return;
    const delivery = knownAt(run, first.known);
    const contradicted = delivery.evidence.findLastIndex(({ kind }) => kind === 'ttlExpirationRevokeFailed');
    const since = { ...delivery, evidence: delivery.evidence.slice(contradicted + 1) };
    const confirmed = allOf(since, 'revokeAnswered', 'ttlExpirationRevoked').find(
      (item) => item.kind === 'ttlExpirationRevoked' || item.answer === 'revoked',
    );
    if (confirmed === undefined) return;
    const deadline = run.plan.whenUncertain === 'send' ? smsDeadline(delivery) : Infinity;
    expect(first.at).toBeGreaterThanOrEqual(Math.min(confirmed.at + run.plan.grace, deadline));
  },

  'after an outage over the deadline there is a grace for the receipts that it held up': (run, { outage }) => {
    const [first] = smsSteps(run);
    if (first === undefined || outage === undefined || !run.truth.queued) return;
    const back = run.plan.startedAt + outage.after + outage.lasts;
    const delivery = knownAt(run, first.known);
    const slept = allOf(delivery, 'wokeLate').some(({ at }) => at === back);
    if (slept && back >= smsDeadline(delivery)) expect(first.at).toBeGreaterThanOrEqual(back + run.plan.grace);
  },

  'the outcome agrees with what the phone really got': (run, scenario) => {
    const { outcome, truth } = run;
    const delivered = truth.rcsDeliveredAt !== undefined;
    if (outcome === 'DELIVERED') expect(delivered).toBe(true);
    if (outcome === 'DELIVERED_BY_SMS' || outcome === 'SENT_BY_SMS') expect(truth.smsSent).toBe(1);
    // A receipt may say that an accepted SMS did not arrive.
    if (outcome === 'UNDELIVERABLE' && scenario.receipt.status !== 'UNDELIVERED') expect(truth.smsSent).toBe(0);
    if (outcome === 'REVOKED' && scenario.reading === 'new' && scenario.strays.length === 0)
      expect(delivered).toBe(false);
    if (truth.smsSent > 0 && outcome === 'DELIVERED')
      expect(isDuplicate({ plan: run.plan, evidence: run.evidence })).toBe(true);
    if (isDelivered({ plan: run.plan, evidence: run.evidence })) expect(outcome).toBe('DELIVERED');
  },

  'a cancelled delivery sends no SMS after the cancellation': (run) => {
    const cancelled = allOf({ plan: run.plan, evidence: run.evidence }, 'cancelRequested')[0];
    if (cancelled === undefined) return;
    const index = run.evidence.indexOf(cancelled);
    for (const { known } of smsSteps(run)) expect(known).toBeLessThanOrEqual(index);
  },
};

function keepsEveryGuarantee(scenario: Scenario): void {
  const run = play(scenario);
  for (const [guarantee, holds] of Object.entries(GUARANTEES)) {
    try {
      holds(run, scenario);
    } catch (broken) {
      throw new Error(guarantee, { cause: broken });
    }
  }
}

test(`${String(RUNS)} random interleavings of evidence, timers and faults keep every guarantee`, () => {
  fc.assert(fc.property(scenarios, keepsEveryGuarantee), { numRuns: RUNS });
});

test('a TTL event that contradicts an earlier one leaves the DELETE time before the deadline, even if that hangs', () => {
  keepsEveryGuarantee(CONTRADICTED_LATE);
});
