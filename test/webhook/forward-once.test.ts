import { expect, onTestFinished, test, vi } from 'vitest';
import { createForwardOnce } from '../../src/webhook/forward-once.js';

const accept = () => Promise.resolve();

test('an accepted event is remembered for 15 minutes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const start = performance.now();
  const now = vi.spyOn(performance, 'now').mockReturnValue(start);
  onTestFinished(() => {
    now.mockRestore();
    vi.useRealTimers();
  });
  const passed = (ms: number): void => {
    now.mockReturnValue(start + ms);
    vi.advanceTimersByTime(ms);
  };
  const once = createForwardOnce(10);
  expect(await once('event', accept)).toBe('forwarded');
  passed(899_000);
  expect(await once('event', accept)).toBe('repeated');
  passed(901_000);
  expect(await once('event', accept)).toBe('forwarded');
});

test('a refused event is not remembered', async () => {
  const once = createForwardOnce(10);
  await expect(once('event', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(await once('event', accept)).toBe('forwarded');
});

test('its memory is bounded', async () => {
  const once = createForwardOnce(2);
  for (const key of ['one', 'two', 'three']) await once(key, accept);
  expect(await once('three', accept)).toBe('repeated');
  expect(await once('one', accept)).toBe('forwarded');
});
