import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../dev/temporal/free-port.js';
import { runHere } from './in-process.js';
import { setStage, type Stage } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.stop());

const optOut = (args: readonly string[], stdin = '') => runHere(['opt-out', ...args], stage.variables, stdin);
let numbers = 0;
/** The options that name a person whom no other test knows. */
const person = () => {
  numbers += 1;
  return ['--agent', 'acme', '--recipient', `+1 555 010 ${String(numbers).padStart(4, '0')}`];
};

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds());) {
    if (Date.now() > end) throw new Error('never came about');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('add, has, remove', async () => {
  const one = person();
  expect(await optOut(['has', ...one])).toEqual({ code: 0, stdout: 'not opted out\n', stderr: '' });
  expect(await optOut(['add', ...one])).toEqual({ code: 0, stdout: 'opted out\n', stderr: '' });
  expect(await optOut(['has', ...one])).toMatchObject({ code: 0, stdout: 'opted out\n' });
  expect(await optOut(['has', ...one, '--json'])).toMatchObject({ stdout: '{"optedOut":true}\n' });
  expect(await optOut(['remove', ...one, '--json'])).toMatchObject({ code: 0, stdout: '{"requested":"optIn"}\n' });
  await until(async () => (await optOut(['has', ...one])).stdout === 'not opted out\n');
});

test('--sms stops the SMS alone', async () => {
  const one = person();
  expect(await optOut(['add', ...one, '--sms', '--json'])).toMatchObject({ code: 0, stdout: '{"optedOut":true}\n' });
  expect(await optOut(['has', ...one])).toMatchObject({ stdout: 'not opted out\n' });
  expect(await optOut(['has', ...one, '--sms'])).toMatchObject({ stdout: 'opted out\n' });
});

test('list shows scope, hash, since when and by what', async () => {
  await optOut(['add', ...person(), '--source', 'letter', '--time', '2026-01-02T03:04:05Z']);
  const lines = async () => {
    const { code, stdout } = await optOut(['list', '--agent', 'acme', '--json']);
    expect(code).toBe(0);
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
  };
  const found = async () => (await lines()).find(({ source }) => source === 'letter');
  await until(async () => (await found()) !== undefined);
  const hash = expect.stringMatching(/^[0-9a-f]{32}$/) as string;
  expect(await found()).toEqual({
    workflowId: expect.stringMatching(/^opt-out:acme:[0-9a-f]{32}$/) as string,
    scope: 'acme',
    recipientHash: hash,
    since: '2026-01-02T03:04:05Z',
    source: 'letter',
  });
  const { stdout } = await optOut(['list']);
  expect(stdout).toMatch(/^SCOPE +RECIPIENT HASH +SINCE +SOURCE\n/);
  expect(stdout).toMatch(/^acme +[0-9a-f]{32} +\d+d(?: \d+h)? ago +letter$/m);
  expect(await optOut(['list', '--limit', '1'])).toMatchObject({
    stderr: expect.stringContaining('--limit shows more') as string,
  });
  expect(await optOut(['list', '--agent', 'nobody'])).toEqual({ code: 0, stdout: '', stderr: 'nobody is opted out\n' });
});

describe('import', () => {
  const rows = '+15550110001\n+15550110002,2026-01-02T03:04:05Z,old system\n12\n';

  test('records each row, names the lines that failed, and exits with 1', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'opt-outs-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'rows.csv');
    await writeFile(file, rows);
    expect(await optOut(['import', '--agent', 'acme', '--file', file])).toEqual({
      code: 1,
      stdout: '2 opt-outs recorded, 1 failed\n',
      stderr:
        'the file rows.csv, line 3: recipient: must be a phone number with + and country calling code\n' +
        'rcs-delivery: 1 opt-out failed: correct these lines and run it again\n',
    });
    for (const number of ['+15550110001', '+15550110002']) {
      const { stdout } = await optOut(['has', '--agent', 'acme', '--recipient', number]);
      expect(stdout).toBe('opted out\n');
    }
  });

  test('reads stdin, and prints a result per row with --json', async () => {
    const { code, stdout, stderr } = await optOut(['import', '--file', '-', '--json'], 'acme,+15550110003\nacme,12\n');
    expect({
      code,
      lines: stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    }).toEqual({
      code: 1,
      lines: [
        { line: 1, ok: true },
        { line: 2, ok: false, code: 'INVALID_INPUT', problem: expect.stringMatching(/^recipient: must/) as string },
        { added: 1, failed: 1 },
      ],
    });
    expect(stderr).toMatch(/^rcs-delivery: 1 opt-out failed/);
  });

  test('stops, and exits with 4, if Temporal does not answer', async () => {
    const TEMPORAL_ADDRESS = `127.0.0.1:${String(await freePort())}`;
    const args = ['opt-out', 'import', '--agent', 'acme', '--file', '-', '--concurrency', '2'];
    const { code, stdout } = await runHere(args, { ...stage.variables, TEMPORAL_ADDRESS }, rows.repeat(50));
    expect(code).toBe(4);
    expect(stdout).toMatch(/^0 opt-outs recorded, \d failed\n$/);
  });
});

describe('what is refused, without a number in the message', () => {
  test.each<[readonly string[], RegExp]>([
    [['add', '--agent', 'acme', '--recipient', '12'], /recipient must be a phone number/],
    [['add', '--agent', 'a b', '--recipient', '+15550100001'], /agentId must be/],
    [
      ['add', ...['--agent', 'acme', '--recipient', '+15550100001'], '--time', 'yesterday'],
      /sendTime must be an RFC 3339 time/,
    ],
    [['add', '--agent', 'acme'], /--recipient/],
    [['import', '--file', '/nowhere'], /the file nowhere cannot be read: there is no such file/],
    [['list', '--agent', 'a b'], /agentId must be/],
    [['forget', '+15550100001'], /unknown command/],
  ])('%j', async (args, problem) => {
    const { code, stdout, stderr } = await optOut(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(problem);
    expect(stderr).not.toContain('5550100001');
  });

  test('no hash key', async () => {
    const variables = { ...stage.variables, RECIPIENT_HASH_KEY: '' };
    const { code, stderr } = await runHere(['opt-out', 'has', ...person()], variables);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'rcs-delivery: opt-outs need RECIPIENT_HASH_KEY, the same as where deliveries are started\n',
    });
  });
});
