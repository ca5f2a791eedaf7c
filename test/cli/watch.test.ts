import { expect, test } from 'vitest';
import { watchList } from '../../src/cli/watch.js';
import { TemporalUnavailableError } from '../../src/index.js';
import { testTerminal } from './test-terminal.js';

const NOTHING = { deliveries: [], total: 0 };

test('each trouble is reported once, and so is its end', async () => {
  const looks = ['away', 'away', 'silent', '', '', 'away'];
  const controller = new AbortController();
  const { terminal, printed } = testTerminal({ signal: controller.signal });
  const look = () => {
    const trouble = looks.shift();
    if (trouble === '') return Promise.resolve(NOTHING);
    if (trouble !== undefined) return Promise.reject(new TemporalUnavailableError(trouble));
    controller.abort();
    return new Promise<never>(() => undefined);
  };
  await watchList({ first: NOTHING, look, everyMs: 1, json: true, terminal });
  expect(printed.stderr()).toBe(
    [
      'Temporal is not available (away)\n',
      'Temporal is not available (silent)\n',
      'Temporal answers again\n',
      'Temporal is not available (away)\n',
    ].join(''),
  );
});

test('a terminal shows how many match, if there are more than it lists', async () => {
  let screen = '';
  const controller = new AbortController();
  const { terminal } = testTerminal({ signal: controller.signal });
  const stdout = { isTTY: true, columns: 80, rows: 24, write: (text: string) => (screen += text) };
  const one = {
    ...{ workflowId: 'message-delivery:acme:1', agentId: 'acme', messageId: '1' },
    executionStatus: 'RUNNING',
  };
  const deliveries = [{ ...one, startTime: '2026-11-21T00:08:55.000Z' }];
  const look = () => {
    controller.abort();
    return Promise.resolve(NOTHING);
  };
  const watched = { first: { deliveries, total: 52 }, look, everyMs: 1, json: false };
  await watchList({ ...watched, terminal: { ...terminal, stdout } });
  expect(screen).toContain('Z  1 of 52 deliveries');
});
