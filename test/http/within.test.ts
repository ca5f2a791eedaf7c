import { expect, test } from 'vitest';
import { TookTooLongError, within } from '../../src/http/within.js';
import { rejection } from './loopback.js';

const never = new Promise<never>(() => undefined);

test('what comes in time comes through, success or failure', async () => {
  await expect(within(Promise.resolve(1), 1_000)).resolves.toBe(1);
  await expect(within(Promise.reject(new RangeError('bad')), 1_000)).rejects.toThrow(RangeError);
});

test('what takes too long is given up', async () => {
  expect(await rejection(within(never, 10))).toBeInstanceOf(TookTooLongError);
});

test('what is cancelled is given up, before it began or while it waits', async () => {
  expect(await rejection(within(never, 1_000, AbortSignal.abort()))).toMatchObject({ name: 'AbortError' });
  const controller = new AbortController();
  const waiting = rejection(within(never, 1_000, controller.signal));
  controller.abort();
  expect(await waiting).toMatchObject({ name: 'AbortError' });
});

test('a failure that comes after everybody gave up goes unheard', async () => {
  let fail: (error: Error) => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  await rejection(within(late, 10));
  fail(new Error('late')); // as an unhandled rejection it would fail this run
  await new Promise(setImmediate);
});
