import { expect, test } from 'vitest';
import { shared } from '../../src/http/shared.js';

test('simultaneous callers share one call, and later ones too while its answer holds', async () => {
  let calls = 0;
  let answer = (): void => undefined;
  const ask = shared(() => {
    calls += 1;
    const call = calls;
    return new Promise<number>((resolve) => {
      answer = () => {
        resolve(call);
      };
    });
  }, 60_000);
  const first = [ask(), ask()];
  answer();
  expect(await Promise.all(first)).toEqual([1, 1]);
  expect(await ask()).toBe(1);
});

test('asks again once the answer no longer holds, and at once after a rejection', async () => {
  let calls = 0;
  const count = () => Promise.resolve((calls += 1));
  const brief = shared(count, 0);
  expect([await brief(), await brief()]).toEqual([1, 2]);
  const failing = shared(() => count().then((call) => (call === 3 ? Promise.reject(new Error('down')) : call)), 60_000);
  await expect(failing()).rejects.toThrow('down');
  expect(await failing()).toBe(4);
});
