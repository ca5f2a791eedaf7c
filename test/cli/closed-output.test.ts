import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROGRAM } from './program.js';
import { message, setStage, untilListed, type Stage } from './stage.js';

let stage: Stage;
const campaignId = 'closed-output';
beforeAll(async () => {
  stage = await setStage();
  for (let count = 0; count < 3; count += 1) await stage.deliveries.start(message({ campaignId }));
  await untilListed(stage, campaignId, 3);
});
afterAll(() => stage.stop());

const env = () => ({ PATH: process.env['PATH'], ...stage.variables });
const startProgram = (args: readonly string[], stdout: 'pipe' | number) =>
  spawn(process.execPath, [PROGRAM, ...args], { env: env(), stdio: ['pipe', stdout, 'pipe'] });

describe('a command whose stdout is closed ends quietly, with 0', () => {
  test.each<readonly string[]>([
    ['list', '--watch', '--json', '--interval', '1', '--campaign', campaignId],
    ['list', '--watch', '--interval', '1'],
    ['list', '--json'],
    ['list'],
    ['list', '--count'],
    ['list', '--print-query'],
    ['revoke', '--campaign', campaignId],
    ['cancel', '--campaign', campaignId, '--json'],
    ['expiry', '--campaign', campaignId, '--ttl', '60s'],
    ['send', '--help'],
    ['opt-out', 'list', '--json'],
    ['opt-out', 'has', '--agent', 'acme', '--recipient', '+15550100001'],
    ['setup', '--json'],
    ['revoke', '--query', `CampaignId="${campaignId}"`],
    ['--help'],
    ['--version'],
  ])('%s %s %s %s', async (...args) => {
    const child = startProgram(args, 'pipe');
    child.stdin?.end();
    child.stdout?.destroy();
    const [[code, signal], stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null, string | null]>,
      child.stderr === null ? '' : text(child.stderr),
    ]);
    const nothingToPrint = args[1] === 'list' && args[0] === 'opt-out';
    expect({ code, signal, stderr }).toEqual(
      nothingToPrint ? expect.objectContaining({ signal: null }) : { code: 0, signal: null, stderr: '' },
    );
    expect(stderr).not.toMatch(/EPIPE|at .*:\d+/);
  });

  test('after its first line, as in `list --watch --json | head -n 1`', async () => {
    const child = startProgram(['list', '--watch', '--json', '--interval', '1'], 'pipe');
    child.stdout?.once('data', () => child.stdout?.destroy());
    // A watch writes again when something has changed.
    const changes = setInterval(() => void stage.deliveries.start(message({ campaignId: 'later' })), 500);
    const [[code], stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null]>,
      child.stderr === null ? '' : text(child.stderr),
    ]);
    clearInterval(changes);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

test('a closed stderr changes nothing', async () => {
  const child = startProgram(['status', 'acme', '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21'], 'pipe');
  child.stderr?.destroy();
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(3);
});

test('a full disk is a failure, and says so', async () => {
  const child = startProgram(['list'], openSync('/dev/full', 'w'));
  const [[code], stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    child.stderr === null ? '' : text(child.stderr),
  ]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: "rcs-delivery: stdout can't be written (ENOSPC)\n" });
});
