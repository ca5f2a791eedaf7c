import { expect } from 'vitest';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import { lookBack } from '../../../src/activities/look-back.js';
import type { FormerActivity, FormerFact, FormerRuns, FormerSignal } from '../../../src/contract/former-run.js';
import { createRunHistories } from '../../../src/temporal/run-histories.js';
import type { TestDelivery } from './deliver.js';
import { reset } from './reset.js';

/** What the run would get that runs now. */
export async function learned({ client }: DeliveryStack, { handle }: TestDelivery, runId: string): Promise<FormerRuns> {
  const former = await lookBack(
    { histories: createRunHistories({ client }) },
    { workflowId: handle.workflowId, runId },
  );
  // Neither the number nor the text, except the number in RBM's own events.
  expect(JSON.stringify(former).replaceAll(/"from":"[^"]*"/g, '')).not.toMatch(/1555010|482913/);
  const times = former.facts.map((fact) =>
    fact.kind === 'activity' ? (fact.endTime ?? fact.scheduledTime) : fact.time,
  );
  expect(times.every((time) => !Number.isNaN(Date.parse(time)))).toBe(true);
  expect(times).toEqual(times.toSorted());
  return former;
}

export async function afterReset(stack: DeliveryStack, delivery: TestDelivery, ...args: readonly string[]) {
  return learned(stack, delivery, await reset(stack, delivery.handle.workflowId, ...args));
}

export const activities = ({ facts }: FormerRuns, type?: FormerActivity['type']) =>
  facts.filter(
    (fact): fact is FormerActivity => fact.kind === 'activity' && (type === undefined || fact.type === type),
  );
export const signals = ({ facts }: FormerRuns) => facts.filter((fact): fact is FormerSignal => fact.kind === 'signal');
const labelOf = (fact: FormerFact) =>
  fact.kind === 'activity' ? `${fact.type} ${fact.end}` : 'name' in fact ? fact.name : fact.kind;
/** In the order of the alphabet: an answer and an event may come in either order. */
export const kinds = ({ facts }: FormerRuns) => facts.map(labelOf).toSorted();
