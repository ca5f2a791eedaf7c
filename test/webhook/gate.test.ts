import { expect, test } from 'vitest';
import { createGate, OverloadedError } from '../../src/webhook/gate.js';

/** Work that ends when told to. */
function held() {
  const ends: (() => void)[] = [];
  return { work: () => new Promise<void>((resolve) => ends.push(resolve)), ends };
}

test('without a queue the rest is turned away at once', async () => {
  const { work, ends } = held();
  const gate = createGate(1);
  const first = gate(work);
  await expect(gate(work)).rejects.toThrow(OverloadedError);
  ends[0]?.();
  await first;
  const second = gate(work);
  ends[1]?.();
  await second;
});

test('a burst waits for its turn, in order, and no more run at one time than may', async () => {
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const gate = createGate(3, { length: 50, waitMs: 10_000 });
  const work = (number: number) => async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(number);
    running -= 1;
  };
  const numbers = Array.from({ length: 50 }, (_, index) => index);
  await Promise.all(numbers.map((number) => gate(work(number))));
  expect(order).toEqual(numbers);
  expect(most).toBe(3);
});

test('who waits for too long, or finds the queue full, is turned away, and takes no place', async () => {
  const { work, ends } = held();
  const gate = createGate(1, { length: 1, waitMs: 20 });
  const first = gate(work);
  const waiting = gate(work);
  await expect(gate(work)).rejects.toThrow('too much at one time');
  await expect(waiting).rejects.toThrow('too much for too long');
  ends[0]?.();
  await first;
  expect(ends).toHaveLength(1);
  const next = gate(work);
  ends[1]?.();
  await next;
});
