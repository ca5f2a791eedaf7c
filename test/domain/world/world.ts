import type { Plan } from '../../../src/domain/plan.js';
import type { Agenda } from './agenda.js';
import type { Action } from './decider.js';
import type { Journal } from './journal.js';
import type { Scenario } from './scenario.js';
import type { Truth } from './truth.js';

/** What the parts of one run share. */
export interface World {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly agenda: Agenda;
  readonly journal: Journal;
  readonly truth: Truth;
}

export type ActionOf<Do extends Action['do']> = Extract<Action, { do: Do }>;
