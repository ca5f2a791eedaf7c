import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../dev/simulator/simulator.js';
import { freePort } from '../../dev/temporal/free-port.js';
import { runProgram } from '../../src/cli/program.js';
import { CHECKS } from '../../src/gateway-check/checks.js';
import { MOST_SMS, SMS_COUNT } from '../../src/gateway-check/test-sms.js';
import { RECEIPTS_PATH } from '../../src/gateway-check/receipt-listener.js';
import { textOf } from '../docs/pages.js';
import { runHere } from './in-process.js';
import { testTerminal } from './test-terminal.js';

const PHONE = '+15550100001';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const TOKEN = 'token-of-the-gateway';
const NAMES = Object.keys(CHECKS);

async function gateway(options: Partial<SimulatorOptions> = {}) {
  const simulator = await createSimulator({
    ...{ clientToken: 'client-token', smsWebhookSecret: SECRET, smsToken: TOKEN },
    ...{ webhookRetry: { initialMs: 10 }, defaultBehaviour: { smsReceiptDelay: '0s' } },
    ...options,
  });
  onTestFinished(() => simulator.stop());
  return { simulator, environment: { SMS_HTTP_URL: simulator.smsUrl, SMS_HTTP_TOKEN: TOKEN } };
}

const check = (environment: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  runHere(['check-gateway', '--to', PHONE, ...args], environment);

const smsOf = (simulator: Simulator) => simulator.groundTruth(PHONE).map(({ text }) => text);

/** As wide as the narrowest usual terminal at most, without the number, the token or the gateway's address. */
function expectPrintable(output: string): void {
  const lines = stripVTControlCharacters(output).split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expectDiscreet(output);
}

function expectDiscreet(output: string): void {
  expect(output).not.toMatch(/555.?010.?0001|token-of-the-gateway|127\.0\.0\.1/);
}

test('a gateway that conforms passes, and the phone gets each SMS once', async () => {
  const { simulator, environment } = await gateway();
  const port = await freePort();
  simulator.setWebhookUrls({ sms: `http://127.0.0.1:${String(port)}${RECEIPTS_PATH}` });
  const withSecret = { ...environment, SMS_WEBHOOK_SECRET: SECRET };
  const { code, stdout, stderr } = await check(withSecret, '--yes', '--receipts-port', String(port));
  const lines = stdout.split('\n').slice(0, NAMES.length);
  expect(lines.map((line) => line.split(/\s+/).slice(0, 2))).toEqual(NAMES.map((name) => ['ok', name]));
  expect(stdout).toContain('it must have each of the SMS 1 to 4 once');
  expect({ code, stderr }).toEqual({ code: 0, stderr: `listening for receipts on port ${String(port)}, for 120 s\n` });
  expectPrintable(stdout);
  expect(smsOf(simulator).map((text) => text?.split(': ').at(-1))).toEqual(
    ['1', '2', '3', '4'].map((number) => `SMS ${number} of 4`),
  );
});

test('one that ignores the key fails: the output says what that means and what to change', async () => {
  const { environment } = await gateway({ smsDedupe: false });
  const { code, stdout, stderr } = await check(environment, '--yes');
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'rcs-delivery: 1 of 13 checks failed, 6 skipped\n' });
  const [, after = ''] = stdout.split('FAILED   repeat ');
  const failed = after.slice(0, after.indexOf('\nskipped')).replaceAll(/\s+/g, ' ');
  expect(failed).toContain('2 ids for one key');
  for (const text of Object.values(CHECKS.repeat)) expect(failed).toContain(text);
  expect(stdout).not.toContain('look at the phone');
  const [shown] = /^ok +reachable.*?(?=```)/ms.exec(textOf('docs/sms-gateway.md')) ?? ['no output in the page'];
  expect(stdout).toContain(shown);
  expectPrintable(stdout);
});

test('--json has each check, and the texts of those that failed', async () => {
  const { environment } = await gateway({ smsDedupe: false });
  const { code, stdout } = await check(environment, '--yes', '--json');
  expect(code).toBe(1);
  const { checks } = JSON.parse(stdout) as { checks: readonly Record<string, unknown>[] };
  expect(checks.map((one) => one['check'])).toEqual(NAMES);
  expect(checks.filter(({ result }) => result === 'failed')).toEqual([
    expect.objectContaining({ check: 'repeat', ...CHECKS.repeat }),
  ]);
  expect(checks[0]).toEqual({ check: 'reachable', result: 'ok', found: 'the gateway answers' });
  expectDiscreet(stdout);
});

describe('without --yes', () => {
  test('it sends nothing, and prints the requests', async () => {
    const { simulator, environment } = await gateway();
    const { code, stdout, stderr } = await check(environment, '--from', 'ACME');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Nothing was sent\..* A gateway that conforms\nsends 4 SMS/);
    expect(stdout.match(/idempotency-key: message-delivery:check:/g)).toHaveLength(5);
    expect(stdout).toContain('authorization: Bearer $SMS_HTTP_TOKEN');
    expect(stdout).toContain('"validitySeconds": 1\n');
    expectPrintable(stdout);
    expect(smsOf(simulator)).toEqual([]);
  });

  test('--json has them too', async () => {
    const { environment } = await gateway();
    const { stdout } = await check(environment, '--json');
    const plan = JSON.parse(stdout) as { requests: readonly { body: { text: string } }[] };
    expect(plan).toMatchObject({ dryRun: true, smsCount: 4 });
    expect(plan.requests.map(({ body }) => body.text.split(': ').at(-1))).toEqual(
      expect.arrayContaining(['SMS 1 of 4', 'SMS 4 of 4', 'to nobody']),
    );
    expectDiscreet(stdout);
  });
});

test('the URL may be an argument, and counts instead of SMS_HTTP_URL', async () => {
  const { simulator } = await gateway();
  const environment = { SMS_HTTP_URL: 'http://127.0.0.1:1', SMS_HTTP_TOKEN: TOKEN };
  expect((await check(environment, simulator.smsUrl, '--yes')).code).toBe(0);
});

test('Ctrl-C ends it with 1', async () => {
  const { simulator, environment } = await gateway();
  const { terminal, printed } = testTerminal({ environment, signal: AbortSignal.abort() });
  expect(await runProgram(['check-gateway', '--to', PHONE, '--yes'], terminal)).toBe(1);
  expect(printed.stderr()).toBe('rcs-delivery: interrupted: not every check was made\n');
  expect(smsOf(simulator)).toEqual([]);
});

test('a port that is taken is named, before anything is sent', async () => {
  const { simulator, environment } = await gateway();
  const withSecret = { ...environment, SMS_WEBHOOK_SECRET: SECRET };
  const { port } = new URL(simulator.url);
  const { code, stderr } = await check(withSecret, '--yes', '--receipts-port', port);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('--receipts-port cannot') as string });
  expect(smsOf(simulator)).toEqual([]);
});

test.each<[string, Readonly<Record<string, string>>, readonly string[], string]>([
  ['no token', {}, ['https://sms.example.com'], 'SMS_HTTP_TOKEN is missing'],
  ['no URL', { SMS_HTTP_TOKEN: TOKEN }, [], 'SMS_HTTP_URL is missing: give the URL'],
  ['a wrong URL', { SMS_HTTP_TOKEN: TOKEN }, ['sms.example.com'], 'SMS_HTTP_URL must be an http or https URL'],
  [
    'http in production',
    { SMS_HTTP_TOKEN: 'a-real-token-1', NODE_ENV: 'production' },
    ['http://sms.example.com'],
    'SMS_HTTP_URL must be https',
  ],
  [
    'no secret for receipts',
    { SMS_HTTP_TOKEN: TOKEN },
    ['https://sms.example.com', '--receipts-port', '8080'],
    'needs SMS_WEBHOOK_SECRET',
  ],
  [
    'a wrong sender',
    { SMS_HTTP_TOKEN: TOKEN },
    ['https://sms.example.com', '--from', 'ACME-AND-SONS'],
    '--from must be',
  ],
])('%s: wrong usage, nothing is sent', async (_, environment, args, message) => {
  const { code, stdout, stderr } = await check(environment, '--yes', ...args);
  expect(stderr).toContain(message);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('help fits 80 columns, and names how many SMS are sent, as the page does', async () => {
  const { stdout } = await runHere(['check-gateway', '--help']);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  for (const text of [stdout, textOf('docs/sms-gateway.md'), textOf('docs/cli.md')]) {
    const plain = text.replaceAll(/\s+/g, ' ');
    expect(plain).toContain(`sends ${String(SMS_COUNT)} SMS`);
    expect(plain).toContain(`may send more, ${String(MOST_SMS)} as a rule`);
  }
});
