import { expect, test } from 'vitest';
import { createLimiter, OverloadedError } from '../../src/webhook/limiter.js';

/** Work that runs until the test ends it. */
function held() {
  const ends: (() => void)[] = [];
  return { work: () => new Promise<void>((resolve) => ends.push(resolve)), ends };
}

test('without a queue further work is refused at once', async () => {
  const { work, ends } = held();
  const limit = createLimiter(1);
  const first = limit(work);
  await expect(limit(work)).rejects.toThrow(OverloadedError);
  ends[0]?.();
  await first;
  const second = limit(work);
  ends[1]?.();
  await second;
});

test('a burst waits in order, and never more than the limit run at one time', async () => {
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const limit = createLimiter(3, { length: 50, waitMs: 10_000 });
  const work = (number: number) => async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(number);
    running -= 1;
  };
  const numbers = Array.from({ length: 50 }, (_, index) => index);
  await Promise.all(numbers.map((number) => limit(work(number))));
  expect(order).toEqual(numbers);
  expect(most).toBe(3);
});

test('work that waits too long, or finds the queue full, is refused and takes no place', async () => {
  const { work, ends } = held();
  const limit = createLimiter(1, { length: 1, waitMs: 20 });
  const first = limit(work);
  const waiting = limit(work);
  await expect(limit(work)).rejects.toThrow('the queue is full');
  await expect(waiting).rejects.toThrow('no place became free in time');
  ends[0]?.();
  await first;
  expect(ends).toHaveLength(1);
  const next = limit(work);
  ends[1]?.();
  await next;
});
