import { expect, test, vi } from 'vitest';
import { measureOpenDeliveries, type OpenDeliveriesOptions } from '../../src/worker/open-deliveries.js';

type Answer = () => Promise<{ readonly count: number }>;

/** Measures until the test ends. `answers` are for the counts of open ones and of those past their expiry. */
async function measured(answers: { readonly open: Answer; readonly pastExpiry: Answer }, timeoutMs?: number) {
  const values: Record<string, number[]> = {};
  const queries: string[] = [];
  const warnings: unknown[] = [];
  const end = new AbortController();
  const countWorkflowExecutions = ({ query }: { readonly query: string }) => {
    queries.push(query);
    return query.includes('ExpireTime') ? answers.pastExpiry() : answers.open();
  };
  const running = measureOpenDeliveries({
    connection: {
      workflowService: { countWorkflowExecutions },
      withDeadline: (_deadline: unknown, work: Answer) => work(),
    } as unknown as OpenDeliveriesOptions['connection'],
    meter: {
      createGauge: (name: string) => ({ set: (value: number) => void (values[name] ??= []).push(value) }),
    } as unknown as OpenDeliveriesOptions['meter'],
    namespace: 'default',
    logger: { warn: (...line: unknown[]) => void warnings.push(line) },
    signal: end.signal,
    everyMs: 1,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  await vi.waitUntil(() => (values['rcs_delivery_past_expiry'] ?? []).length >= 3);
  end.abort();
  await running;
  const counted = { open: values['rcs_delivery_open'], pastExpiry: values['rcs_delivery_past_expiry'] };
  return { counted, queries, warnings };
}

const answer = (count: number) => () => Promise.resolve({ count });
const failure = () => Promise.reject(new Error('UNAVAILABLE'));
const first = (values: readonly number[] | undefined, count = 3) => values?.slice(0, count);

test('open deliveries and those past their expiry are counted, again and again', async () => {
  const { counted, queries, warnings } = await measured({ open: answer(7), pastExpiry: answer(2) });
  expect(first(counted.open)).toEqual([7, 7, 7]);
  expect(first(counted.pastExpiry)).toEqual([2, 2, 2]);
  expect(queries[0]).toBe("WorkflowType = 'messageDelivery' AND ExecutionStatus = 'Running'");
  expect(queries[1]).toMatch(
    /^WorkflowType = 'messageDelivery' AND ExecutionStatus = 'Running' AND ExpireTime < '20.*Z'$/,
  );
  expect(warnings).toEqual([]);
});

const never = () => new Promise<never>(() => undefined);
test.each([
  ['both', failure, failure],
  ['one', answer(7), failure],
  ['a late one', answer(7), never],
])(
  'without an answer (%s) neither an old number nor 0 is shown, and one warning is logged',
  async (_title, open, pastExpiry) => {
    const { counted, warnings } = await measured({ open, pastExpiry }, 5);
    expect(first(counted.open)).toEqual([NaN, NaN, NaN]);
    expect(first(counted.pastExpiry)).toEqual([NaN, NaN, NaN]);
    expect(warnings).toHaveLength(1);
  },
);

test('a number comes back when Temporal does, and each outage is warned of once', async () => {
  const open = vi
    .fn(answer(7))
    .mockImplementationOnce(failure)
    .mockImplementationOnce(answer(7))
    .mockImplementationOnce(failure);
  const { counted, warnings } = await measured({ open, pastExpiry: answer(2) });
  expect(first(counted.open)).toEqual([NaN, 7, NaN]);
  expect(warnings).toHaveLength(2);
});
