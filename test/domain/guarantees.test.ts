import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deliveryFrom } from '../../src/domain/delivery.js';
import type { Evidence } from '../../src/domain/evidence.js';
import { platformExpiry, revokeTimeout } from '../../src/domain/plan.js';
import { isDuplicate } from '../../src/domain/report.js';
import { isHeld } from '../../src/domain/rcs.js';
import { smsDeadline } from '../../src/domain/revocation.js';
import { allOf, has, lastOf } from './evidence-list.js';
import { scenarios } from './scenarios.js';
import { play, type Run } from './world/play.js';
import type { Scenario } from './world/scenario.js';
import { LATENCY, REQUEST_TIMEOUT } from './world/latency.js';

const RUNS = Number(process.env['GUARANTEE_RUNS'] ?? 5_000);

type Known = Run['evidence'];
const factsOf = (run: Run, known: Known) => deliveryFrom(run.plan, known).facts;
const deadlineAt = (run: Run, known: Known) => smsDeadline(factsOf(run, known).rcs, run.plan);
const expiryAt = (run: Run, known: Known) => lastOf(known, 'expiryChanged')?.expiresAt ?? run.plan.expiresAt;
const smsSteps = (run: Run) => run.steps.filter(({ step }) => step.do === 'sendSms');

const otp = (ttl: string, revocation: NonNullable<Scenario['input']['revocation']>): Scenario['input'] => ({
  messageTrafficType: 'AUTHENTICATION',
  ttl,
  revocation,
  fallback: { sms: { text: 'x' } },
});

/** Found by a random run. RBM reports REVOKED and, 4 s later, REVOKE_FAILED. The DELETE that must follow hangs. */
const CONTRADICTED_LATE: Scenario = {
  input: otp('10s', { strategy: 'platform', grace: '5s', budget: '30s' }),
  creates: ['ok'],
  deletes: ['hangs', '429'],
  onlineAfter: Infinity,
  reading: 'new',
  deliveredDelays: [],
  ttlEvent: { kind: 'contrary', delay: 15_900 },
  strays: [{ after: 21_700, kind: 'ttlExpirationRevoked' }],
  proof: 'delivered',
  outages: [],
  lag: 0,
  tellsOutages: true,
  operators: [],
  resets: [],
  historyIsReadable: true,
  smsProviders: [{ isIdempotent: false, answers: ['ok'] }],
  reconciles: ['unknown'],
  receipts: [],
};

/** Found by a random run. The same, but RBM contradicts itself when the SMS is due. */
const CONTRADICTED_TOO_LATE: Scenario = {
  ...CONTRADICTED_LATE,
  input: otp('600s', { strategy: 'platform', grace: '5s', budget: '3s' }),
  deletes: ['hangs'],
  ttlEvent: { kind: 'none', delay: 0 },
  strays: [
    { after: 85_000, kind: 'ttlExpirationRevoked' },
    { after: 87_900, kind: 'ttlExpirationRevokeFailed' },
  ],
};

/** Found by a random run. The create queues the message, but an outage delays its answer until after the SMS has failed. */
const CREATE_NEVER_HEARD_OF: Scenario = {
  ...CONTRADICTED_LATE,
  input: otp('1s', { strategy: 'agent', grace: '5s', budget: '1s' }),
  creates: ['slow'],
  deletes: ['lost'],
  onlineAfter: 400,
  ttlEvent: { kind: 'none', delay: 0 },
  strays: [],
  receipts: [{ status: 'UNDELIVERED', delay: 59_200 }],
  outages: [{ after: 2_100, lasts: 59_100 }],
};

/**
 * TTL_EXPIRATION_REVOKED, or a DELETE that began after every create had ended and was answered 200, with no
 * TTL_EXPIRATION_REVOKE_FAILED that says otherwise. Written apart from the decider.
 */
function isRevoked(evidence: readonly Evidence[]): boolean {
  const last = (holds: (item: Evidence) => boolean) => evidence.findLastIndex(holds);
  const failed = last(({ kind }) => kind === 'ttlExpirationRevokeFailed');
  if (failed === -1 && last(({ kind }) => kind === 'ttlExpirationRevoked') !== -1) return true;
  const answered = last((item) => item.kind === 'revokeAnswered' && item.answer === 'revoked');
  const began = evidence.slice(0, answered + 1).findLastIndex(({ kind }) => kind === 'revokeStarted');
  const creating = last(({ kind }) => kind === 'sendStarted') > last(({ kind }) => kind === 'sendAnswered');
  const queued = last((item) => item.kind === 'sendAnswered' && item.mayBeQueued);
  return answered !== -1 && answered > failed && began > queued && !creating;
}

const lied = ({ strays }: Scenario) => strays.some(({ kind }) => kind !== 'deliveredToAnother');
const isUnreadable = (known: Known) => known.some((item) => item.kind === 'lookedBack' && item.found === 'unreadable');
const heldAt = (run: Run, known: Known) => isHeld(factsOf(run, known).rcs, run.plan);
const outagesOf = ({ plan }: Run, { outages }: Scenario) =>
  outages.map(({ after, lasts }) => ({ from: plan.startedAt + after, to: plan.startedAt + after + lasts }));

const GUARANTEES: Record<string, (run: Run, scenario: Scenario) => void> = {
  'G1: every delivery settles, in a bounded number of steps and days': (run, scenario) => {
    expect(run.settledAt - run.plan.startedAt).toBeLessThan(3 * 86_400_000);
    // In a backlog every wait leaves a piece of its own.
    const runs = 1 + scenario.resets.length;
    expect(run.evidence.length).toBeLessThan((scenario.lag === 0 ? 400 : 600) * runs);
  },

  'G2: at most one SMS is accepted': (run) => {
    expect(run.truth.smsSent).toBeLessThanOrEqual(1);
  },

  'G3: no SMS is requested once evidence of delivery is there': (run) => {
    for (const { known } of smsSteps(run)) expect(has(known, 'delivered', 'read', 'replied')).toBe(false);
  },

  'G3: nor after a reset, if a run before had it': (run, { historyIsReadable }) => {
    if (!historyIsReadable) return;
    const proved = run.steps.findIndex(({ known }) => has(known, 'delivered', 'read', 'replied'));
    const last = run.steps.findLastIndex(({ step }) => step.do === 'sendSms');
    expect(proved === -1 || last < proved).toBe(true);
  },

  'a reset run that can not know what was sent creates nothing, and requests no SMS without proof': (run) => {
    for (const { step, known } of run.steps) {
      if (!isUnreadable(known)) continue;
      expect(step.do).not.toBe('send');
      if (step.do === 'sendSms')
        expect(known.some((item) => item.kind === 'smsReconciled' && item.found === 'no')).toBe(true);
    }
  },

  'G2: a message that another run sent is followed by no SMS before a provider was asked': (run) => {
    for (const { known } of smsSteps(run)) {
      const first = known.findIndex((item) => item.kind === 'smsRequested');
      const before = first === -1 ? known : known.slice(0, first);
      if (!before.some((item) => item.kind === 'sendAnswered' && item.sentByAnotherRun === true)) continue;
      const wasAsked = ({ kind, ...item }: Evidence) =>
        kind === 'smsReconciled' && 'found' in item && (item.found === 'no' || item.found === 'repeatable');
      expect(before.some(wasAsked)).toBe(true);
    }
  },

  'G4: no SMS before an attempt to revoke has ended, unless RBM never had the message': (run) => {
    for (const { known } of smsSteps(run)) {
      const attempted = has(known, 'revokeAnswered', 'ttlExpirationRevoked');
      expect(attempted || !run.truth.queued).toBe(true);
    }
  },

  'G5: under `send` the SMS is requested by expiry plus budget, after an outage within one revoke and one grace': (
    run,
    scenario,
  ) => {
    const [first] = smsSteps(run);
    if (first === undefined || heldAt(run, first.known)) return;
    // The provider has to be asked first, which may take as long as it likes.
    if (isUnreadable(first.known)) return;
    const { grace } = run.plan;
    const oneDelete = revokeTimeout(run.plan) + grace;
    const resets = scenario.resets.map(({ after }) => run.plan.startedAt + after + LATENCY);
    const back = Math.max(...outagesOf(run, scenario).map(({ to }) => to), ...resets, -Infinity);
    const afterOutage = back + revokeTimeout(run.plan) + oneDelete + 1_000;
    // In a backlog every wait is late, and adds nothing after the first, if Temporal can tell it from an outage.
    const restarts = scenario.tellsOutages ? 1 : 4;
    const backlog = scenario.lag === 0 ? 0 : restarts * oneDelete + 10 * scenario.lag;
    expect(first.at).toBeLessThanOrEqual(Math.max(deadlineAt(run, first.known), afterOutage) + backlog);
  },

  'G5: RBM gets no further create once it has not accepted the message in time, and the SMS does not wait for the expiry':
    (run, scenario) => {
      const { acceptBy, budget } = run.plan;
      for (const { step, known, at } of run.steps) {
        if (step.do !== 'send') continue;
        expect(at).toBeLessThan(acceptBy);
        expect(has(known, 'notAcceptedInTime')).toBe(false);
      }
      const gaveUp = allOf(run.evidence, 'notAcceptedInTime')[0];
      const [first] = smsSteps(run);
      if (gaveUp === undefined || first === undefined || heldAt(run, first.known)) return;
      if (scenario.outages.length + scenario.resets.length + scenario.lag === 0)
        expect(first.at).toBeLessThanOrEqual(acceptBy + budget);
    },

  'G11: once a person has opted out, nothing that an opt-out stops reaches RBM or an SMS provider': (run, scenario) => {
    const { plan, truth } = run;
    const stoppedAt = plan.honorsOptOut ? plan.startedAt + (scenario.optsOut?.after ?? Infinity) : Infinity;
    // A request that was on its way at that moment may still arrive.
    expect(truth.smsSentAt ?? -Infinity).toBeLessThanOrEqual(stoppedAt);
    expect(truth.queuedAt ?? -Infinity).toBeLessThanOrEqual(stoppedAt + REQUEST_TIMEOUT);
    if (scenario.optsOut !== undefined && scenario.optsOut.after <= 0 && plan.honorsOptOut)
      expect(truth.queued).toBe(false);
    if (run.outcome === 'SUPPRESSED') expect(truth.queued || truth.smsSent > 0).toBe(false);
  },

  'G12: no SMS is requested after it is of use': (run) => {
    const [first] = smsSteps(run);
    if (first === undefined) return;
    // A run that can't know of an earlier request counts from its own.
    for (const { at, known } of smsSteps(run)) {
      if (!isUnreadable(known)) expect(at).toBeLessThan(first.at + Math.max(1, run.plan.smsValidity));
    }
  },

  'under `send` an unconfirmed revocation goes on until RBM itself has dropped the message': (run) => {
    const { evidence, outcome, plan, truth } = run;
    const isOver = outcome === 'DELIVERED' || has(evidence, 'cancelRequested') || isRevoked(evidence);
    if (smsSteps(run).length === 0 || isOver || !truth.queued || !factsOf(run, evidence).rcs.mayBeQueued) return;
    const { created, expiresAt } = factsOf(run, evidence).rcs;
    expect(run.settledAt).toBeGreaterThanOrEqual(created?.platformExpiresAt ?? platformExpiry(plan, expiresAt));
  },

  'G6: under `hold` no SMS request without a confirmed revocation, unless RBM never had the message': (
    run,
    scenario,
  ) => {
    const held = smsSteps(run).filter(({ known }) => heldAt(run, known));
    for (const { known } of held) expect(isRevoked(known) || !run.truth.queued).toBe(true);
    if (held.length > 0 && !lied(scenario)) expect(run.truth.smsWhileQueued).toBe(false);
  },

  'G7: the create asks RBM itself to revoke the message soon after the expiry, and never later than RBM allows': (
    run,
  ) => {
    for (const { step, known } of run.steps) {
      if (step.do !== 'send') continue;
      const expiry = expiryAt(run, known);
      const latest = run.plan.strategy === 'platform' ? expiry : expiry + run.plan.deadMansSwitch;
      expect(step.platformExpiresAt).toBeGreaterThanOrEqual(expiry);
      expect(step.platformExpiresAt).toBeLessThanOrEqual(Math.min(latest, run.plan.startedAt + 15 * 86_400_000));
    }
  },

  'G7: a create that Temporal retries while the expiry is moved is sent again with the new one': (run) => {
    for (const { step, known } of run.steps) {
      if (step.do !== 'wait') continue;
      const create = lastOf(known, 'sendStarted', 'sendAnswered', 'sendStopRequested');
      if (create?.kind !== 'sendStarted' || create.how === 'local') continue;
      // After a reset the look-back comes first, whatever else there is to do.
      if (lastOf(known, 'lookBackStarted', 'lookedBack')?.kind === 'lookBackStarted') continue;
      expect(create.platformExpiresAt).toBe(platformExpiry(run.plan, expiryAt(run, known)));
    }
  },

  'a late DELIVERED has its grace: no SMS sooner after the confirming answer, but for the deadline': (run) => {
    const [first] = smsSteps(run);
    if (first === undefined) return;
    const evidence = first.known;
    const contradicted = evidence.findLastIndex(({ kind }) => kind === 'ttlExpirationRevokeFailed');
    const since = evidence.slice(contradicted + 1);
    const confirmed = allOf(since, 'revokeAnswered', 'ttlExpirationRevoked').find(
      (item) => item.kind === 'ttlExpirationRevoked' || item.answer === 'revoked',
    );
    if (confirmed === undefined) return;
    const deadline = heldAt(run, first.known) ? Infinity : deadlineAt(run, first.known);
    expect(first.at).toBeGreaterThanOrEqual(Math.min(confirmed.at + run.plan.grace, deadline));
  },

  'after an outage over the deadline there is a grace for the receipts that it held up': (run, scenario) => {
    const [first] = smsSteps(run);
    if (first === undefined || !run.truth.queued || scenario.lag > 0) return;
    const deadline = deadlineAt(run, first.known);
    // Long enough that whatever was waited for was due in it: the deadline, or an answer.
    const [outage, ...others] = outagesOf(run, scenario);
    if (outage === undefined || others.length > 0 || outage.to - outage.from < 30_000) return;
    const overDeadline = deadline - run.plan.budget <= outage.from && outage.to > deadline + 5_000;
    if (overDeadline && first.at >= outage.to) expect(first.at).toBeGreaterThanOrEqual(outage.to + run.plan.grace);
  },

  'Retry-After is respected': (run) => {
    const { steps } = run;
    for (const [does, answered] of [
      ['send', 'sendAnswered'],
      ['revoke', 'revokeAnswered'],
      ['sendSms', 'smsAnswered'],
    ] as const) {
      for (const { at, known } of steps.filter(({ step }) => step.do === does)) {
        const last = lastOf(known, answered);
        if (last?.retryAfter === undefined) continue;
        // It is one provider's, and another one is asked.
        if (last.kind === 'smsAnswered' && last.otherProvider === true) continue;
        const since = known.slice(known.indexOf(last) + 1);
        // A cancellation, or a create that ended late, asks for a DELETE at once.
        if (does === 'revoke' && since.some(({ kind }) => kind === 'cancelRequested' || kind === 'sendAnswered'))
          continue;
        expect(at).toBeGreaterThanOrEqual(last.at + last.retryAfter);
      }
    }
  },

  'the outcome agrees with what the phone really got': (run, scenario) => {
    const { outcome, truth } = run;
    const delivered = truth.rcsDeliveredAt !== undefined;
    const everSaidDelivered = has(run.evidence, 'delivered', 'read', 'replied');
    if (outcome === 'DELIVERED') expect(delivered).toBe(true);
    if (everSaidDelivered) expect(outcome).toBe('DELIVERED');
    // Another run's SMS is known only once the provider was asked.
    const isKnown =
      !truth.sentByAnotherRun || run.evidence.some((e) => e.kind === 'smsReconciled' && e.found === 'yes');
    if (truth.smsSent > 0 && isKnown && outcome === 'DELIVERED')
      expect(isDuplicate(deliveryFrom(run.plan, run.evidence))).toBe(true);
    if (outcome === 'REVOKED' && scenario.reading === 'new' && !lied(scenario)) expect(delivered).toBe(false);
    // The decider believes a receipt.
    if (scenario.strays.some(({ kind }) => kind === 'smsDelivered')) return;
    if (outcome === 'DELIVERED_BY_SMS' || outcome === 'SENT_BY_SMS') expect(truth.smsSent).toBe(1);
    // One may say that an accepted SMS did not arrive.
    if (outcome === 'UNDELIVERABLE' && !scenario.receipts.some(({ status }) => status === 'UNDELIVERED'))
      expect(truth.smsSent).toBe(0);
    // Nobody got anything for certain only if RBM never had the message, or revoked it.
    if (outcome === 'UNDELIVERABLE') expect(!truth.queued || isRevoked(run.evidence)).toBe(true);
  },

  'a DELIVERED receipt beats an UNDELIVERED, which is not believed before it has had time to come': (run) => {
    const { evidence, outcome, plan, settledAt } = run;
    const requested = evidence.findIndex(({ kind }) => kind === 'smsRequested');
    const receipts = requested === -1 ? [] : allOf(evidence.slice(requested), 'smsStatus');
    const at = (status: string) => receipts.find((item) => item.status === status)?.at;
    if (at('DELIVERED') !== undefined) expect(outcome).not.toMatch(/^(?:UNDELIVERABLE|SENT_BY_SMS)$/);
    if (outcome !== 'UNDELIVERABLE' || at('UNDELIVERED') === undefined) return;
    expect(settledAt).toBeGreaterThanOrEqual((at('UNDELIVERED') ?? 0) + Math.min(10_000, plan.smsReceiptTimeout));
  },

  'a cancelled delivery sends no SMS after the cancellation, and revokes the message': (run) => {
    const cancelled = allOf(run.evidence, 'cancelRequested')[0];
    if (cancelled === undefined) return;
    const index = run.evidence.indexOf(cancelled);
    for (const { known } of smsSteps(run)) expect(known).not.toContain(cancelled);
    if (run.outcome !== 'CANCELLED' || !run.truth.queued) return;
    const before = run.evidence.slice(0, index);
    const after = run.evidence.slice(index);
    const attempted = after.some(({ kind }) => kind === 'revokeAnswered' || kind === 'ttlExpirationRevoked');
    expect(attempted || isRevoked(before)).toBe(true);
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

test(
  `${String(RUNS)} random interleavings of evidence, timers and faults keep every guarantee`,
  { timeout: 120_000 + 12 * RUNS },
  () => {
    fc.assert(fc.property(scenarios, keepsEveryGuarantee), { numRuns: RUNS });
  },
);

test('a TTL event that contradicts an earlier one leaves the DELETE time before the deadline, even if that hangs', () => {
  keepsEveryGuarantee(CONTRADICTED_LATE);
});

test('a TTL event that contradicts an earlier one in the last moment does not put off the SMS', () => {
  keepsEveryGuarantee(CONTRADICTED_TOO_LATE);
  const contrary = { after: 88_000, kind: 'ttlExpirationRevokeFailed' } as const;
  const [revoked] = CONTRADICTED_TOO_LATE.strays;
  keepsEveryGuarantee({ ...CONTRADICTED_TOO_LATE, strays: revoked === undefined ? [contrary] : [revoked, contrary] });
});

test('an SMS that fails while the create is still without an answer leaves the outcome open', () => {
  keepsEveryGuarantee(CREATE_NEVER_HEARD_OF);
});
