import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { nodeWarning } from '../../src/config/node-version.js';
import { LIMIT, startDemo, startProcess, stopDemos, until, type Demo } from './demo-process.js';

afterEach(stopDemos);

/** Starts the demo with a mark in its environment, by which every process that it starts can be found. */
const startMarked = (mark: string, ...args: string[]) => startDemo(args, { DEMO_TEST_MARK: mark });

const linesOf = (demo: Demo) => demo.output().split('\n');

/** The ids of the processes with the mark in their environment (Linux only). */
function marked(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`DEMO_TEST_MARK=${mark}`);
    } catch {
      return false; // The process has just exited.
    }
  });
}

/** The demo's messages with times that a slow machine keeps as well: which phone gets what must not depend on it. */
async function withLongerTimes(): Promise<string> {
  const messages = await readFile('examples/messages.jsonl', 'utf8');
  const file = join(await mkdtemp(join(tmpdir(), 'demo-')), 'messages.jsonl');
  await writeFile(file, messages.replaceAll('"ttl":"8s"', '"ttl":"24s"').replaceAll('"grace":"3s"', '"grace":"12s"'));
  return file;
}

test('every outcome agrees with what the phone got, and no process is left', { timeout: LIMIT }, async () => {
  const messages = await withLongerTimes();
  const demo = startMarked('whole', '--messages', messages);
  expect(await demo.ended, demo.output()).toBe(0);
  const rows = linesOf(demo)
    .filter((line) => line.includes('✓'))
    .map((line) => line.trim().split(/\s{2,}/));
  expect(rows.map(([, , outcome, got]) => [outcome, got])).toEqual([
    ['DELIVERED', 'RCS'],
    ['DELIVERED', 'RCS'],
    ['DELIVERED_BY_SMS', 'SMS'],
    ['DELIVERED_BY_SMS', 'SMS'],
    ['DELIVERED', 'RCS'],
    ['DELIVERED', 'RCS'],
    ['REVOKED', 'nothing'],
  ]);
  const [, afterTable] = demo.output().split(/^7 of 7 deliveries agree with what the phone really got\.$/m);
  expect(afterTable).toBe(
    "\n\nTo keep everything running, with Temporal's Web UI and commands to try:\n" +
      `npm run demo -- --keep --messages ${messages}\n`,
  );
  // Nothing listens any more, so only the address that says so may be there.
  expect(linesOf(demo).filter((line) => /:\/\/|127\.0\.0\.1/.test(line))).toEqual([
    expect.stringMatching(/^ {2}Web UI, only while this runs: http:\/\/127\.0\.0\.1:\d+$/),
  ]);
  const warning = nodeWarning();
  expect(linesOf(demo).filter((line) => line.includes('Node.js '))).toEqual(warning === undefined ? [] : [warning]);
  await until(
    () => marked('whole').length === 0,
    () => `processes left: ${marked('whole').join()}`,
  );
});

test.each([
  ['early', /using|Temporal/],
  ['late', /AWAITING_DELIVERY/],
])('Ctrl-C (%s) stops every process that the demo has started', { timeout: LIMIT }, async (mark, seen) => {
  const demo = startMarked(mark);
  await until(() => seen.test(demo.output()), demo.output);
  demo.child.kill('SIGINT');
  expect(await demo.ended).toBe(130);
  await until(
    () => marked(mark).length === 0,
    () => `processes left: ${marked(mark).join()}`,
  );
});

test.each([
  ['SIGTERM', 'npm', ['run', 'demo']],
  ['SIGKILL', 'npx', ['tsx', 'dev/demo/main.ts']],
] as const)(
  '%s to %s stops every process that the demo has started',
  { timeout: LIMIT },
  async (signal, command, args) => {
    const mark = `${command}-${signal}`;
    const demo = startProcess({ command, args, env: { DEMO_TEST_MARK: mark } });
    await until(() => /Temporal is ready/.test(demo.output()), demo.output);
    demo.child.kill(signal);
    await until(
      () => marked(mark).length === 0,
      () => `processes left: ${marked(mark).join()}`,
    );
  },
);

test('an unknown option is reported at once', async () => {
  const demo = startMarked('option', '--mesages', 'x');
  expect(await demo.ended).toBe(2);
  expect(demo.output()).toContain('Usage: npm run demo');
});
