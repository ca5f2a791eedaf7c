import { expect, test } from 'vitest';
import { watchList } from '../../src/cli/watch.js';
import { TemporalUnavailableError } from '../../src/index.js';
import { testTerminal } from './test-terminal.js';

test('each trouble is reported once, and so is its end', async () => {
  const looks = ['away', 'away', 'silent', '', '', 'away'];
  const controller = new AbortController();
  const { terminal, printed } = testTerminal({ signal: controller.signal });
  const look = () => {
    const trouble = looks.shift();
    if (trouble === '') return Promise.resolve([]);
    if (trouble !== undefined) return Promise.reject(new TemporalUnavailableError(trouble));
    controller.abort();
    return new Promise<never>(() => undefined);
  };
  await watchList({ first: [], look, everyMs: 1, json: true, terminal });
  expect(printed.stderr()).toBe(
    [
      'Temporal is not available (away)\n',
      'Temporal is not available (silent)\n',
      'Temporal answers again\n',
      'Temporal is not available (away)\n',
    ].join(''),
  );
});
