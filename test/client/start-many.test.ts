import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startMany } from '../../src/client/start-many.js';
import type { StartedDelivery } from '../../src/index.js';

/** Starts that finish on request, with a count of those that run. */
function controlled() {
  const open = new Map<number, (error?: Error) => void>();
  let most = 0;
  const started: number[] = [];
  const start = (input: number) => {
    started.push(input);
    return new Promise<StartedDelivery>((resolve, reject) => {
      open.set(input, (error) => {
        open.delete(input);
        if (error === undefined) resolve({ workflowId: String(input) } as StartedDelivery);
        else reject(error);
      });
      most = Math.max(most, open.size);
    });
  };
  const end = (input: number, error?: Error) => open.get(input)?.(error);
  return { start, end, started, most: () => most };
}

test('yields each result in the order of the inputs, and a failure is one of them', async () => {
  const { start, end } = controlled();
  const wrong = new Error('wrong');
  const results = startMany([10, 11, 12], start, { concurrency: 3 });
  const first = results.next();
  await turn();
  end(12);
  end(11, wrong);
  end(10);
  expect((await first).value).toEqual({ index: 0, input: 10, ok: true, handle: { workflowId: '10' } });
  expect((await results.next()).value).toEqual({ index: 1, input: 11, ok: false, error: wrong });
  expect((await results.next()).value).toMatchObject({ index: 2, input: 12, ok: true });
  expect((await results.next()).done).toBe(true);
});

test('runs at most `concurrency` starts at a time, even of endless inputs', async () => {
  const { start, end, started, most } = controlled();
  function* endless() {
    for (let i = 0; ; i += 1) yield i;
  }
  const results = startMany(endless(), start, { concurrency: 4 });
  for (let i = 0; i < 20; i += 1) {
    const next = results.next();
    await turn();
    end(i);
    await next;
  }
  expect(most()).toBe(4);
  for (const input of started) end(input);
  await results.return();
  const count = started.length;
  await turn();
  expect(started).toHaveLength(count);
});

test('leaving the loop waits for the running starts and begins no other', async () => {
  const { start, end, started } = controlled();
  const results = startMany([0, 1, 2, 3], start, { concurrency: 2 });
  const first = results.next();
  await turn();
  end(0);
  await first;
  const left = results.return();
  const early = await Promise.race([left.then(() => 'left'), turn('waiting')]);
  expect(early).toBe('waiting');
  end(1);
  await left;
  expect(started).toEqual([0, 1]);
});

test.each([0, -1, 1.5, Number.NaN])('a concurrency of %d is refused', async (concurrency) => {
  await expect(startMany([1], controlled().start, { concurrency }).next()).rejects.toThrow(RangeError);
});

test('does not hold back a result while the next input is slow', async () => {
  const { start, end } = controlled();
  async function* slow() {
    yield 1;
    await new Promise(() => undefined);
  }
  const results = startMany(slow(), start, { concurrency: 4 });
  const first = results.next();
  await turn();
  end(1);
  expect((await first).value).toMatchObject({ input: 1, ok: true });
});

test('yields the results of the running starts before it throws the error of the inputs', async () => {
  const { start, end } = controlled();
  const broken = new Error('the source broke');
  function* breaking() {
    yield 1;
    throw broken;
  }
  const results = startMany(breaking(), start, { concurrency: 4 });
  const first = results.next();
  await turn();
  end(1);
  expect((await first).value).toMatchObject({ input: 1, ok: true });
  await expect(results.next()).rejects.toBe(broken);
});
