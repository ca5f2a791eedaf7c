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

/** How long a call takes that is answered. Milliseconds. */
export const LATENCY = 50;
/** After this long a call without an answer is given up. Milliseconds. */
export const REQUEST_TIMEOUT = 10_000;
