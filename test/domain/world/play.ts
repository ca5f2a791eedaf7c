import type { MessageDeliveryInput } from '../../../src/contract/input.js';
import type { Outcome } from '../../../src/contract/status.js';
import type { Evidence } from '../../../src/domain/evidence.js';
import { planFor, type Instant, type Plan } from '../../../src/domain/plan.js';
import { START } from '../known.js';
import { Agenda } from './agenda.js';
import { answerDueAt, decide, isSameWait, LATE, type Action, type Decision, type Step } from './decider.js';
import { Journal } from './journal.js';
import { scheduleOperators } from './operators.js';
import { Person } from './person.js';
import { Phone } from './phone.js';
import { Rbm } from './rbm.js';
import { lookBack, scheduleResets } from './resets.js';
import type { Scenario } from './scenario.js';
import { SmsProviders } from './sms-provider.js';
import { newTruth, type Truth } from './truth.js';
import type { World } from './world.js';

export interface Run {
  readonly plan: Plan;
  readonly evidence: readonly Evidence[];
  readonly outcome: Outcome;
  readonly settledAt: Instant;
  readonly truth: Readonly<Truth>;
  readonly steps: readonly Taken[];
}

interface Taken {
  readonly step: Step | { readonly do: 'settle' };
  readonly at: Instant;
  /** The evidence that there was when the step was taken. */
  readonly known: readonly Evidence[];
}

/** Far more steps than any delivery takes. */
const MOST_STEPS = 2_000;
const FOREVER = 100 * 86_400_000;

/** Runs one delivery against the scenario in virtual time, in the same loop as the workflow. */
export function play(scenario: Scenario): Run {
  const world = createWorld(scenario);
  const { agenda, journal, plan, truth } = world;
  const perform = createPerformer(world);
  scheduleStrays(world);
  scheduleResets(world);
  scheduleOperators(world);
  const steps: Taken[] = [];
  while (steps.length < MOST_STEPS) {
    journal.waitOutOutages();
    const { evidence, facts } = journal.delivery;
    const decision = decide(facts, plan, agenda.now);
    const taken = { at: agenda.now, known: evidence };
    if ('outcome' in decision) {
      steps.push({ step: { do: 'settle' }, ...taken });
      return { plan, evidence, outcome: decision.outcome, settledAt: agenda.now, truth, steps };
    }
    const { step } = decision;
    steps.push({ step, ...taken });
    if (step.do === 'wait') wait(world, step.until, decision);
    else perform(step);
  }
  throw new Error('the delivery never settles');
}

function createWorld(scenario: Scenario): World {
  const plan = planFor({ ...INPUT, ...scenario.input }, START);
  const agenda = new Agenda(START);
  return { scenario, plan, agenda, journal: new Journal(agenda, plan, scenario), truth: newTruth() };
}

const INPUT: MessageDeliveryInput = {
  agentId: 'agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'x' },
  ttl: '60s',
};

function createPerformer(world: World): (action: Action) => void {
  const person = new Person(world);
  person.schedule();
  const rbm = new Rbm(world, new Phone(world), person);
  const smsProviders = new SmsProviders(world, rbm, person);
  return (action) => {
    switch (action.do) {
      case 'send':
        rbm.create(action);
        return;
      case 'stopSending':
        rbm.stopCreate();
        return;
      case 'lookBack':
        lookBack(world);
        return;
      case 'giveUpAcceptance':
        world.journal.learn({ kind: 'notAcceptedInTime', due: action.due });
        return;
      case 'revoke':
        rbm.delete(action);
        return;
      case 'sendSms':
        smsProviders.send();
        return;
      case 'stopSms':
        world.journal.learn({ kind: 'smsStopRequested' });
        return;
      case 'reconcileSms':
        smsProviders.reconcile();
        return;
    }
  };
}

function scheduleStrays({ agenda, journal, scenario }: World): void {
  for (const { after, kind } of scenario.strays) {
    agenda.after(after, () => {
      if (kind === 'smsDelivered')
        journal.learn({ kind: 'smsStatus', status: 'DELIVERED', eventId: 'stray', sendTime: '' });
      else if (kind === 'deliveredToAnother') {
        journal.learn({ kind: 'otherSender', event: 'delivered', eventId: 'stray', sendTime: '' });
      } else journal.learnEvent(kind);
    });
  }
}

/** Lets time pass until the wait is over, new evidence changes the decision, or an outage begins and is over. */
function wait({ agenda, journal, plan, scenario }: World, until: Instant | null, decision: Decision): void {
  const due = until ?? answerDueAt(journal.delivery.facts, plan);
  const firesAt = (until ?? agenda.now + FOREVER) + scenario.lag;
  // As in the workflow, only new evidence ends a wait early, not the time alone.
  const isOver = () => journal.hasUnseen() && !isSameWait(decide(journal.delivery.facts, plan, agenda.now), decision);
  agenda.advance(firesAt, () => journal.isDown() || isOver());
  journal.waitOutOutages();
  if (agenda.now - due <= LATE) return;
  const outage = journal.downtimeSince(due);
  journal.learn({ kind: 'wokeLate', due, ...(scenario.tellsOutages && { outage }) });
}
