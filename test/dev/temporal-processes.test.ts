import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isAlive, withFileLock } from '../../dev/temporal/file-lock.js';
import { freePort } from '../../dev/temporal/free-port.js';
import { runTool } from '../../dev/temporal/run-tool.js';
import { startGuarded } from '../../dev/temporal/guarded-process.js';
import { fakeGo, fakeProgram, offline, temporaryFolder } from './temporal-fakes.js';
import { WAIT } from '../support/wait.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const until = (condition: () => unknown) => vi.waitUntil(condition, WAIT);

/** Starts another Node process that runs this TypeScript. It is stopped when the test ends. */
function otherProcess(code: string, env: NodeJS.ProcessEnv = process.env) {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output };
}

function withResolvers() {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

const ended = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

/** A program that starts another one and prints both process ids. */
async function programWithChild(): Promise<string> {
  return fakeProgram(await temporaryFolder(), 'server', 'sleep 600 & echo "$$ $!"; wait');
}

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'stop() with %s stops the program and what it has started',
  async (stopSignal) => {
    const server = await startGuarded({ command: await programWithChild(), args: [], env: {}, stopSignal });
    await until(server.lastLines);
    const [pid, childPid] = server.lastLines().split(' ').map(Number);

    await server.stop();

    expect(pid).toBe(server.pid);
    expect(isAlive(Number(pid))).toBe(false);
    await until(() => !isAlive(Number(childPid)));
  },
);

test('a program that ignores SIGTERM is killed', async () => {
  const stubborn = await fakeProgram(
    await temporaryFolder(),
    'stubborn',
    `trap '' TERM; echo ready; while :; do sleep 1; done`,
  );
  const server = await startGuarded({ command: stubborn, args: [], env: {} });
  await until(server.lastLines);

  await server.stop();

  expect(isAlive(server.pid)).toBe(false);
});

test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'when the process that started it is stopped by %s, the program stops too',
  async (signal) => {
    const command = await programWithChild();
    const parent = otherProcess(`
    import { startGuarded } from './dev/temporal/guarded-process.js';
    const server = await startGuarded({ command: ${JSON.stringify(command)}, args: [], env: {} });
    setInterval(() => { if (server.lastLines()) console.log(server.lastLines()); }, 50);
  `);
    await until(() => parent.output().includes('\n'));
    const pids = parent.output().split('\n')[0]?.split(' ').map(Number) ?? [];

    parent.child.kill(signal);

    await until(() => pids.length === 2 && !pids.some(isAlive));
  },
);

test('a tool that takes too long is stopped, and the error has its output', async () => {
  const slow = await fakeProgram(await temporaryFolder(), 'slow', 'echo fetching; exec sleep 600');
  let output = '';
  const stopped = runTool({
    ...{ command: slow, args: [], env: {}, limitMs: 120_000, onOutput: (text) => (output += text) },
    endEarly: () => (output.includes('fetching') ? 'no answer for 15 s' : undefined),
  });

  await expect(stopped).rejects.toThrow(/^no answer for 15 s\nfetching$/);
});

test('if two processes need the server at once, one builds it and the other waits', async () => {
  const folder = await temporaryFolder();
  await fakeProgram(folder, 'go', fakeGo('1.0-go', 2));
  const code = `
    import { findTemporalCli } from './dev/temporal/find-temporal-cli.js';
    const onProgress = (line) => console.log(line);
    const found = await findTemporalCli({ cacheDir: ${JSON.stringify(join(folder, 'cache'))}, onProgress });
    console.log(found.source);
  `;
  const both = [otherProcess(code, offline(folder)), otherProcess(code, offline(folder))];

  await until(() => both.every(({ child }) => ended(child)));

  expect((await readFile(join(folder, 'builds'), 'utf8')).trim().split('\n')).toHaveLength(1);
  const outputs = both.map(({ output }) => output()).sort();
  expect(outputs.join()).toContain('temporal 1.0-go, made with Go');
  expect(outputs.join()).toContain('waiting: another process is preparing temporal');
  expect(outputs.join()).toContain('temporal 1.0-go, just prepared by another process');
});

// The time limit is below the 30 s after which a holder that gives no sign of life counts as gone.
test('a lock is free when its holder is done, has crashed or gives no sign of life, and not before', async () => {
  const path = join(await temporaryFolder(), 'lock');
  const order: string[] = [];
  const { promise: permission, resolve: permit } = withResolvers();
  const waiting = withResolvers();
  const first = withFileLock({ path, work: () => permission.then(() => order.push('first')) });
  await until(() => existsSync(path));
  const second = withFileLock({ path, onWait: waiting.resolve, work: () => Promise.resolve(order.push('second')) });
  await waiting.promise;
  permit();
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);

  await writeFile(path, `${2 ** 22 + 1} died`);
  expect(await withFileLock({ path, work: () => Promise.resolve('taken over') })).toBe('taken over');

  await writeFile(path, `${process.pid} lives, but does nothing`);
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(path, longAgo, longAgo);
  expect(await withFileLock({ path, work: () => Promise.resolve('taken over') })).toBe('taken over');
}, 15_000);

test('free ports are not given out twice', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));

  expect(new Set(ports).size).toBe(50);
});
