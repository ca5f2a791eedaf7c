import { decide } from '../../src/domain/decide.js';
import { deliveryFrom, learn as learned } from '../../src/domain/delivery.js';
import type {
  EventEvidence,
  Evidence,
  Finding,
  RbmEventKind,
  RevokeAnswer,
  SendAnswer,
} from '../../src/domain/evidence.js';
import { answerDueAt, LATE } from '../../src/domain/late.js';
import { isNewEvidence } from '../../src/domain/new-evidence.js';
import { planFor, type Instant, type Plan } from '../../src/domain/plan.js';
import { isSameWait, type Action, type Step } from '../../src/domain/step.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import type { Outcome } from '../../src/contract/status.js';
import { START } from './known.js';

/** How RBM, the phone, the SMS provider and the operators behave in one run. All times in milliseconds. */
export interface Scenario {
  readonly input: Partial<MessageDeliveryInput>;
  /** One entry a create call; the last repeats. */
  readonly creates: readonly CreateBehaviour[];
  readonly deletes: readonly DeleteBehaviour[];
  /** When the phone comes online, from the start; Infinity: never. */
  readonly onlineAfter: number;
  /** What 429 and 5xx ask us to wait, if they do. */
  readonly retryAfter?: number;
  /** Which generation of "Revoke messages" is in force: does a DELETE that came too late answer 404 or 200? */
  readonly reading: 'new' | 'old';
  /** How long after the fact its DELIVERED arrives, each entry a copy; none: the event is lost. */
  readonly deliveredDelays: readonly number[];
  readonly ttlEvent: { readonly kind: 'honest' | 'contrary' | 'none'; readonly delay: number };
  /** Events that have nothing to do with what happened. */
  readonly strays: readonly {
    readonly after: number;
    readonly kind: 'ttlExpirationRevoked' | 'ttlExpirationRevokeFailed' | 'smsDelivered';
  }[];
  readonly smsProvider: 'idempotent' | 'plain';
  readonly sms: readonly SmsBehaviour[];
  readonly reconciles: readonly ('honest' | 'unknown')[];
  readonly receipt: { readonly status: 'DELIVERED' | 'UNDELIVERED' | 'SENT' | 'none'; readonly delay: number };
  /** What the phone's proof is called. */
  readonly proof: 'delivered' | 'read' | 'replied';
  /** This system is down for a while: nothing is decided; events and answers wait at the door. */
  readonly outages: readonly { readonly after: number; readonly lasts: number }[];
  /** Everything is late by this, all the time: a backlog. */
  readonly lag: number;
  readonly operators: readonly {
    readonly after: number;
    readonly does: 'cancel' | 'revokeNow' | 'revokeNowNoSms' | 'extend' | 'shorten';
  }[];
}
/** `slow`: accepted, and queued only then, at the end of a request's time. `repeated`: by Temporal, until it is called off. */
export type CreateBehaviour =
  'ok' | 'slow' | 'repeated' | 'lostButQueued' | 'lost' | '404' | '400' | '403' | '429' | 'hangs';
export type DeleteBehaviour = 'ok' | 'lostButDone' | 'lost' | '404' | '500' | '429' | 'hangs';
export type SmsBehaviour = 'ok' | 'lostButSent' | 'lost' | 'notSent' | 'refused' | 'notStarted';

export interface Run {
  readonly plan: Plan;
  readonly evidence: readonly Evidence[];
  readonly outcome: Outcome;
  readonly settledAt: Instant;
  /** What the phone and the providers really saw. */
  readonly truth: {
    queued: boolean;
    rcsDeliveredAt?: Instant;
    deletes: number;
    smsSent: number;
    /** An SMS was taken while RBM could still deliver the message. */
    smsWhileQueued: boolean;
  };
  /** The evidence that was known when each step was taken. */
  readonly steps: readonly Taken[];
}

export interface Taken {
  readonly step: Step | { readonly do: 'settle' };
  readonly at: Instant;
  readonly known: number;
}

const isEvent = (item: Finding): item is EventEvidence => 'eventId' in item;

const LATENCY = 50;
const HANG = 10_000;
const pick = <T>(list: readonly T[], index: number): T => list[Math.min(index, list.length - 1)] as T;

/** Runs one delivery against the scenario in virtual time, with the loop that the workflow has. */
export function play(scenario: Scenario): Run {
  const plan = planFor(
    {
      agentId: 'agent',
      messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
      recipient: '+15550100001',
      contentMessage: { text: 'x' },
      ttl: '60s',
      ...scenario.input,
    },
    START,
  );
  let now = START;
  let delivery = deliveryFrom(plan, []);
  const truth: Run['truth'] = { queued: false, deletes: 0, smsSent: 0, smsWhileQueued: false };
  const steps: Taken[] = [];
  const agenda: { at: Instant; order: number; run: () => void }[] = [];
  let order = 0;
  const calls = { create: 0, delete: 0, sms: 0, reconcile: 0 };
  let taken = false;
  let platformTimer = false;
  let callOff: () => void = () => undefined;

  const { operators, outages, lag } = scenario;
  const patience = scenario.retryAfter === undefined ? {} : { retryAfter: scenario.retryAfter };
  const downUntil = () =>
    outages.reduce((end, { after, lasts }) => {
      const isDownNow = now >= START + after && now < START + after + lasts;
      return isDownNow ? Math.max(end, START + after + lasts) : end;
    }, -Infinity);
  const isDown = () => downUntil() > now;
  const later = (ms: number, run: () => void) => agenda.push({ at: now + ms, order: order++, run });
  const learn = (item: Finding): void => {
    // Whatever comes while this system is down is learned when it is back, in the order in which it came.
    if (isDown())
      later(downUntil() - now, () => {
        learn(item);
      });
    else if (isEvent(item) && !isNewEvidence(delivery.facts, item)) return;
    else delivery = learned(delivery, { at: now, ...item });
  };
  const event = (kind: RbmEventKind) => {
    const item = { kind, eventId: `${kind}${String(order)}`, sendTime: '' } as const;
    learn(item);
  };

  function deliverToPhone() {
    if (!truth.queued || taken || truth.rcsDeliveredAt !== undefined) return;
    truth.rcsDeliveredAt = now;
    scenario.deliveredDelays.forEach((delay) =>
      later(delay, () => {
        event(scenario.proof);
      }),
    );
  }
  function queue(platformExpiresAt: Instant) {
    truth.queued = true;
    if (taken) return;
    later(Math.max(0, START + scenario.onlineAfter - now), deliverToPhone);
    if (platformTimer) return;
    platformTimer = true;
    later(Math.max(0, platformExpiresAt - now), () => {
      const revoked = truth.rcsDeliveredAt === undefined;
      taken ||= revoked;
      const { kind, delay } = scenario.ttlEvent;
      if (kind === 'none' || (!revoked && kind === 'honest')) return;
      later(delay, () => {
        event(revoked && kind === 'honest' ? 'ttlExpirationRevoked' : 'ttlExpirationRevokeFailed');
      });
    });
  }

  function send(step: Extract<Action, { do: 'send' }>) {
    learn({ kind: 'sendStarted', how: step.how, platformExpiresAt: step.platformExpiresAt });
    const behaviour = pick(scenario.creates, calls.create++);
    const answer = (said: SendAnswer, mayBeQueued: boolean, after = LATENCY) =>
      later(after, () => {
        if (answered) return;
        answered = true;
        learn({ kind: 'sendAnswered', answer: said, mayBeQueued, ...(behaviour === '429' && patience) });
      });
    let answered = false;
    callOff = () => undefined;
    if (behaviour === 'ok' || behaviour === 'lostButQueued') queue(step.platformExpiresAt);
    switch (behaviour) {
      case 'ok':
        return answer('accepted', true);
      case 'slow':
        later(HANG, () => {
          queue(step.platformExpiresAt);
        });
        return answer('accepted', true, HANG);
      case 'repeated':
        if (step.how === 'local') return answer('failed', false);
        callOff = () => {
          answer('stopped', true);
        };
        return answer('failed', false, Math.max(LATENCY, step.until - now));
      case 'lostButQueued':
      case 'lost':
        return answer('failed', true);
      case 'hangs':
        return answer('failed', true, Math.max(500, Math.min(HANG, step.until - now)));
      case '404':
        return answer('notFound', false);
      case '400':
        return answer('refused', false);
      case '403':
        return answer('denied', false);
      case '429':
        return answer('failed', false);
    }
  }
  function revoke(step: Extract<Action, { do: 'revoke' }>) {
    learn({ kind: 'revokeStarted' });
    const behaviour = pick(scenario.deletes, calls.delete++);
    truth.deletes += 1;
    const late = truth.rcsDeliveredAt !== undefined || taken || !truth.queued;
    // Before the create it finds nothing, and takes nothing back.
    if (behaviour === 'ok' || behaviour === 'lostButDone') {
      taken ||= truth.queued && truth.rcsDeliveredAt === undefined;
    }
    const honest: RevokeAnswer = late && scenario.reading === 'new' ? 'notFound' : 'revoked';
    const said: Record<DeleteBehaviour, RevokeAnswer> = {
      ok: honest,
      lostButDone: 'unanswered',
      lost: 'unanswered',
      hangs: 'unanswered',
      '404': 'notFound',
      '500': 'failed',
      '429': 'refused',
    };
    later(behaviour === 'hangs' ? step.timeout : LATENCY, () => {
      const asked = behaviour === '429' || behaviour === '500';
      learn({ kind: 'revokeAnswered', answer: said[behaviour], ...(asked && patience) });
    });
  }
  function sendSms() {
    learn({ kind: 'smsRequested' });
    const behaviour = pick(scenario.sms, calls.sms++);
    const idempotent = scenario.smsProvider === 'idempotent';
    if (behaviour === 'ok' || behaviour === 'lostButSent') {
      if (!(idempotent && truth.smsSent > 0)) {
        truth.smsSent += 1;
        truth.smsWhileQueued ||= truth.queued && !taken && truth.rcsDeliveredAt === undefined;
      }
      const { status, delay } = scenario.receipt;
      if (status !== 'none')
        later(delay, () => {
          const item = { kind: 'smsStatus', status, eventId: 's', sendTime: '' } as const;
          learn(item);
        });
    }
    const said = {
      ok: 'accepted',
      lostButSent: 'unanswered',
      lost: 'unanswered',
      notSent: 'notSent',
      refused: 'refused',
      notStarted: 'notStarted',
    } as const;
    later(behaviour === 'notStarted' ? HANG : LATENCY, () => {
      learn({
        kind: 'smsAnswered',
        answer: said[behaviour],
        ...(behaviour === 'notSent' && patience),
        ...(said[behaviour] === 'unanswered' && idempotent && { repeatable: true }),
      });
    });
  }
  function reconcile() {
    learn({ kind: 'smsReconciliationStarted' });
    const behaviour = pick(scenario.reconciles, calls.reconcile++);
    const found =
      behaviour === 'unknown'
        ? 'unknown'
        : scenario.smsProvider === 'idempotent'
          ? 'repeatable'
          : truth.smsSent > 0
            ? 'yes'
            : 'no';
    later(LATENCY, () => {
      learn({ kind: 'smsReconciled', found });
    });
  }
  function perform(step: Action) {
    switch (step.do) {
      case 'send': {
        send(step);
        return;
      }
      case 'stopSending':
        learn({ kind: 'sendStopRequested' });
        callOff();
        return;
      case 'revoke': {
        revoke(step);
        return;
      }
      case 'sendSms': {
        sendSms();
        return;
      }
      case 'stopSms':
        learn({ kind: 'smsStopRequested' });
        return;
      case 'reconcileSms': {
        reconcile();
        return;
      }
    }
  }

  scenario.strays.forEach(({ after, kind }) =>
    later(after, () => {
      if (kind === 'smsDelivered') learn({ kind: 'smsStatus', status: 'DELIVERED', eventId: 'stray', sendTime: '' });
      else event(kind);
    }),
  );
  operators.forEach(({ after, does }) =>
    later(after, () => {
      operate(does);
    }),
  );
  function operate(does: Scenario['operators'][number]['does']) {
    if (does === 'cancel') {
      learn({ kind: 'cancelRequested' });
      return;
    }
    const open =
      !delivery.evidence.some(({ kind }) => kind === 'smsRequested' || kind === 'revokeStarted') &&
      now < plan.expiresAt;
    if (!open) return;
    if (does === 'revokeNow') learn({ kind: 'revokeRequested', reason: 'x', fallback: 'sms' });
    if (does === 'revokeNowNoSms') learn({ kind: 'revokeRequested', reason: 'x', fallback: 'none' });
    if (does === 'extend') learn({ kind: 'expiryChanged', expiresAt: plan.expiresAt + 30_000 });
    if (does === 'shorten') learn({ kind: 'expiryChanged', expiresAt: now + 5_000 });
  }

  /** Runs the world until `until`, or until `done` says so; during an outage nothing reaches the delivery. */
  function advance(until: Instant, done: () => boolean): void {
    for (;;) {
      if (done()) return;
      agenda.sort((a, b) => a.at - b.at || a.order - b.order);
      const first = agenda[0];
      if (first === undefined || first.at > until) {
        now = Math.max(now, until);
        return;
      }
      agenda.shift();
      now = Math.max(now, first.at);
      first.run();
    }
  }

  function comeBack() {
    while (isDown()) {
      const end = downUntil();
      advance(end, () => now >= end);
    }
  }
  /** As the workflow: a wait looks at the time only when there is new evidence. */
  let seen = 0;
  function news() {
    const isNew = delivery.evidence.length !== seen;
    seen = delivery.evidence.length;
    return isNew;
  }

  for (let turn = 0; turn < 2_000; turn++) {
    comeBack();
    const decision = decide(delivery.facts, plan, now);
    const { evidence } = delivery;
    const known = evidence.length;
    if ('outcome' in decision) {
      steps.push({ step: { do: 'settle' }, at: now, known });
      return { plan, evidence, outcome: decision.outcome, settledAt: now, truth, steps };
    }
    const { step } = decision;
    steps.push({ step, at: now, known });
    if (step.do !== 'wait') {
      perform(step);
      continue;
    }
    const due = step.until ?? answerDueAt(delivery.facts, plan);
    advance(
      (step.until ?? now + 100 * 86_400_000) + lag,
      () => isDown() || (news() && !isSameWait(decide(delivery.facts, plan, now), decision)),
    );
    comeBack();
    if (now - due > LATE) learn({ kind: 'wokeLate', due });
  }
  throw new Error('the delivery never settles');
}
