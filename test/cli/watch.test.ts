import { afterEach, expect, test, vi } from 'vitest';
import { watchList } from '../../src/cli/watch.js';
import { TemporalUnavailableError } from '../../src/index.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test('each trouble is reported once, and so is its end', async () => {
  const printed: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  const looks = ['away', 'away', 'silent', '', '', 'away'];
  const controller = new AbortController();
  const look = () => {
    const trouble = looks.shift();
    if (trouble === '') return Promise.resolve([]);
    if (trouble !== undefined) return Promise.reject(new TemporalUnavailableError(trouble));
    controller.abort();
    return new Promise<never>(() => undefined);
  };
  await watchList({ first: [], look, everyMs: 1, json: true, signal: controller.signal });
  expect(printed).toEqual([
    'Temporal is not available (away)\n',
    'Temporal is not available (silent)\n',
    'Temporal answers again\n',
    'Temporal is not available (away)\n',
  ]);
});
