import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../dev/temporal/free-port.js';
import { runHere } from './in-process.js';
import { run } from './program.js';

/** An address at which nothing listens. */
const nowhere = async () => ({ TEMPORAL_ADDRESS: `127.0.0.1:${String(await freePort())}` });

test('send names the options that are wrong or missing', async () => {
  const { code, stderr } = await runHere(
    ['send', '--agent', 'acme', '--to', '+1555', '--sms-text', ''],
    await nowhere(),
  );
  expect(code).toBe(2);
  const fields = stderr
    .split('\n')
    .slice(1)
    .filter(Boolean)
    .map((line) => line.trim().split(' ')[0]);
  expect(fields).toEqual(expect.arrayContaining(['--to', '--text', '--ttl', '--sms-text']));
  expect(stderr).not.toContain('contentMessage');
});

test('a command runs with a credential in cleartext in production, and says so', async () => {
  const key = randomBytes(16).toString('hex');
  // This machine, but no loopback address.
  const TEMPORAL_ADDRESS = `0.0.0.0:${String(await freePort())}`;
  const open = { NODE_ENV: 'production', TEMPORAL_API_KEY: key, TEMPORAL_TLS: 'false', TEMPORAL_ADDRESS };
  const { code, stderr } = await runHere(['list', '--open'], open);
  expect(stderr).toContain(`rcs-delivery: TEMPORAL_TLS is not true: `);
  expect(stderr).toContain(`go to ${TEMPORAL_ADDRESS} in cleartext\n`);
  expect(stderr).not.toContain(key);
  expect(code).toBe(4);
});

const COMMANDS: readonly (readonly string[])[] = [
  ...[
    'send',
    'status',
    'list',
    'revoke',
    'expiry',
    'cancel',
    'notify-again',
    'opt-out',
    'worker',
    'webhook',
    'codec-server',
  ],
  ...['setup', 'replay', 'check-gateway'],
]
  .map((command) => [command])
  .concat(['add', 'remove', 'has', 'list', 'import'].map((command) => ['opt-out', command]));

describe('help', () => {
  test('names the commands and the exit codes', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of ['worker', 'webhook', 'send', 'status', 'Exit codes:']) expect(stdout).toContain(word);
  });

  test('has the exit codes once', async () => {
    const { stdout } = await runHere(['--help']);
    expect(stdout.split('Exit codes:')).toHaveLength(2);
    for (const command of COMMANDS) expect((await runHere([...command, '--help'])).stdout).not.toContain('Exit codes:');
  });

  test.each(COMMANDS)('of %s %s fits into 80 columns, and has examples', async (...command) => {
    const { code, stdout } = await runHere([...command, '--help']);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    if (command.length === 1) expect(stdout).toMatch(/Examples?:\n/);
  });

  test('knows every command', async () => {
    const { stdout } = await runHere(['--help']);
    const named = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) {2}/gm)].map(([, name]) => name);
    const known = COMMANDS.filter((command) => command.length === 1).map(([name]) => name);
    expect(named.filter((name) => name !== 'help').sort()).toEqual([...known].sort());
  });

  test('prints the version', async () => {
    expect(await run(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    });
  });
});

describe('wrong usage exits with 2 and a hint', () => {
  test('as a process', async () => {
    const { code, stdout, stderr } = await run(['send', '--fly']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain("unknown option '--fly'");
  });

  test.each([
    [['fly'], "unknown command 'fly'"],
    [['send', '--fly'], "unknown option '--fly'"],
    [['status'], 'missing required argument'],
    [['status', 'no-id'], 'the id must be message-delivery:{agentId}:{messageId}'],
    [['status', 'a:b:c'], 'the id must be message-delivery:{agentId}:{messageId}'],
    [['status', 'acme', 'no-uuid'], 'the message-id must be a UUID such as'],
    [['status', 'acme', '0b2f6d0'], 'or its first 8 characters'],
    [['status', 'acme', '0b2f6d0ef'], 'the message-id must be a UUID such as'],
    [['status', 'acme:no-uuid'], 'the messageId in the id must be a UUID such as'],
    [['status', "message-delivery:acme:0b2f6d0e-3c1f' OR"], 'the messageId in the id must be a UUID such as'],
    [['status', 'message-delivery:a b:0b2f6d0e'], "the agent in front of the messageId must be an agent's id"],
    [
      ['status', '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21'],
      'the agent is missing: give it in front, as in acme:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21\n' +
        'Find it with\n  rcs-delivery list --json --limit 100000 | grep 0b2f6d0e\n',
    ],
    [['send'], 'give the input once'],
    [['send', '--input', '{}', '--to', '+15550100001'], 'give the input once'],
    [['send', '--input', '{'], '--input is not JSON: see line 1, column 2'],
    [['send', '--input', '[]'], '--input must hold one JSON object'],
    [['send', '--input', '{"ttl": 600}'], 'ttl must be a text with its unit, such as "600s"'],
    [['send', '--input', '{"ttlSeconds": 600}'], '--input must hold a ttl, such as "600s", instead of ttlSeconds'],
    [['send', '--agent', 'acme', '--ttl', '600'], '--ttl must be a text with its unit, such as "600s"'],
    [['send', '--input', '\ufeff{"ttl": 600}'], 'ttl must be a text with its unit, such as "600s"'],
    [['send', '--input', '{"ttl": "PT10M"}'], 'ttl must be a text in seconds with the unit s, such as "600s"'],
    [['send', '--agent', 'acme', '--ttl', '10m'], "--ttl needs RBM's form: 600s for 10m\n"],
    [['send', '--agent', 'acme', '--ttl', '2 Hours'], "--ttl needs RBM's form: 7200s for 2 Hours\n"],
    [['send', '--agent', 'acme', '--ttl', 'PT10M'], '--ttl must be a text in seconds with the unit s, such as "600s"'],
    [['send', '--agent', 'acme', '--sms-text', ' \u00a0'], '--sms-text must not be blank'],
    [['send', '--agent', 'acme', '--text', '\u200b'], '--text must not be blank'],
    [['send', '--agent', 'acme', '--text', 'a\u0007'], '--text must not contain a control character'],
    [['send', '--agent', 'acme', '--to', '00 49 30 123456'], '--to must be an E.164 number, with + and'],
    [['send', '--agent', 'acme', '--traffic-type', ' authentication '], '--ttl is missing'],
    [['send', '--agent', 'acme', '--sms-text', 'x', '--when-uncertain', 'HOLD'], '--ttl is missing'],
    [['send', '--file', '/no/such/input.json'], 'the file input.json cannot be read: there is no such file'],
    [['send', '--file', '/no/such/+15550100001'], 'the file cannot be read: there is no such file'],
    [['send', '--file', '/'], 'the file cannot be read: it is a folder'],
    [
      ['opt-out', 'import', '--agent', 'acme', '--file', '/no/such/rows.csv'],
      'the file rows.csv cannot be read: there is no such file',
    ],
    [['send', '--agent', 'acme', '--when-uncertain', 'hold'], 'need --sms-text'],
    [['send', '--traffic-type', 'SPAM'], 'Allowed choices are AUTHENTICATION'],
    [['list', '--status', 'SPAM'], 'Each must be one of STARTED'],
    [['list', '--status', 'UNCERTAIN,awaiting_delivery'], 'The list has no AWAITING_DELIVERY: use STARTED.'],
    [['revoke', '--status', 'AWAITING_DELIVERY'], 'The list has no AWAITING_DELIVERY: use STARTED.'],
    [['list', '--reason', 'SPAM'], 'Each must be one of unreachable'],
    [['list', '--since', '1 fortnight'], 'a time ago such as 30m, 1h or 2d, or an RFC 3339 time'],
    [['list', '--since', '2026-02-31'], 'a time ago such as 30m, 1h or 2d, or an RFC 3339 time'],
    [['list', '--count', '--watch'], '--count and --watch exclude each other'],
    [['list', '--limit', '0'], 'a whole number from 1'],
    [['list', '--open', '--closed'], '--open and --closed exclude each other'],
    [['list', '--stuck', '--closed'], '--stuck and --closed exclude each other'],
    [['revoke'], 'give either one delivery, or --query or another filter such as --campaign'],
    [['revoke', 'acme', '--campaign', 'x'], 'give either one delivery, or --query'],
    [['revoke', '--yes'], 'give either one delivery, or --query'],
    [['revoke', 'acme', '--query', 'x'], 'give either one delivery, or --query'],
    [['revoke', 'acme', '--yes'], '--yes belongs to --query'],
    [['revoke', '--query', ' '], '--query must not be empty'],
    [['revoke', '--query', 'x', '--reason', ' \t '], '--reason must not be blank'],
    [['revoke', '--query', 'x', '--reason', 'for +1 555 010 0001'], 'must hold no phone number'],
    [['revoke', '--query', 'x', '--fallback', 'mail'], 'Allowed choices are sms, none'],
    [['expiry', 'acme'], 'give either --ttl or --expire-time'],
    [['expiry', 'acme', '--ttl', '5 minutes'], "--ttl needs RBM's form: 300s for 5 minutes\n"],
    [['expiry', 'acme', '--ttl', 'soon'], '--ttl must be a duration such as 600s'],
    [['expiry', 'acme', '--expire-time', 'tomorrow'], 'must be an RFC 3339 time'],
    [['expiry', 'acme', '--expire-time', '2020-01-01T00:00:00Z'], 'must be in the future'],
    [['expiry', 'acme', '--ttl', '1300000s'], 'within 15 days'],
    [['cancel'], 'give either one delivery, or --query'],
    [['check-gateway'], "required option '--to <number>' not specified"],
    [['check-gateway', '--to', '+1555', '--receipts-port', '0'], 'It must be a port number'],
    [['check-gateway', '--to', '+15550100001', '--receipts-wait', '0'], 'a whole number from 1 to 3600'],
    [['list', '--notification', 'lost'], 'Allowed choices are failed, pending'],
    [['list', '--notification', 'failed', '--print-query'], 'leave out --print-query'],
    [['notify-again'], 'give either one delivery, or --failed-since, --query or both'],
    [['notify-again', 'acme', '--query', 'x'], 'give either one delivery, or --failed-since, --query or both'],
    [['notify-again', 'acme', '--yes'], '--yes belongs to --failed-since and --query'],
    [['notify-again', '--query', ' '], '--query must not be empty'],
    [['notify-again', '--query', 'x) OR (y'], 'without its other half'],
    [['notify-again', '--failed-since', 'yesterday'], 'must be a time ago such as 30m, 1h or 2d, or an RFC 3339 time'],
    [['notify-again', '--failed-since', '1h', '--reason', 'for +1 555 010 0001'], 'must hold no phone number'],
    [['list', '--notification', 'failed', '--count'], 'leave out --count'],
    [['replay', '--sample', 'some'], 'a whole number from 1 to 100000, or all'],
    [['replay', '--query', 'x) OR (y'], 'without its other half'],
    [['replay', '--query', ' '], '--query must not be empty'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await runHere(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

test.each<[string, Buffer]>([
  ['UTF-8', Buffer.from('\ufeff{"ttl": 600}')],
  ['UTF-16', Buffer.from('\ufeff{"ttl": 600}', 'utf16le')],
])('a file in %s with a byte order mark is read, and so is stdin', async (_encoding, bytes) => {
  const folder = await mkdtemp(join(tmpdir(), 'send-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'message.json');
  await writeFile(file, bytes);
  expect((await runHere(['send', '--file', file])).stderr).toContain('ttl must be a text with its unit');
  expect((await run(['send', '--file', '-'], {}, bytes)).stderr).toContain('ttl must be a text with its unit');
});

test('a file that is no JSON is named, with the line and the column', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'send-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'message.json');
  await writeFile(file, '{\n  "agentId": "acme",\n  "marked" 1\n}\n');
  expect(await runHere(['send', '--file', file])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'rcs-delivery: the file message.json is not JSON: see line 3, column 12\n',
  });
});

test('a file in another encoding is refused: its text would reach people with wrong characters', async () => {
  const { code, stderr } = await run(['send', '--file', '-'], {}, Buffer.from('{"text": "Grüße"}', 'latin1'));
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'rcs-delivery: stdin must be text in UTF-8, or in UTF-16 with a byte order mark\n',
  });
});

describe('wrong configuration exits with 2 and names every variable at once', () => {
  const wrong = {
    TEMPORAL_ADDRESS: 'http://xx',
    WEBHOOK_PORT: 'xx',
    HEALTH_PORT: 'xx',
    RBM_ENDPOINT: 'xx',
    RBM_WEBHOOK_CLIENT_TOKEN: '',
  };
  test.each([
    ['worker', ['RBM_ENDPOINT', 'HEALTH_PORT', 'TEMPORAL_ADDRESS']],
    ['webhook', ['RBM_WEBHOOK_CLIENT_TOKEN', 'WEBHOOK_PORT', 'TEMPORAL_ADDRESS']],
  ])('%s', async (command, names) => {
    const { code, stdout, stderr } = await run([command], wrong);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const [first, ...lines] = stderr.trim().split('\n');
    expect(first).toBe('rcs-delivery: wrong configuration:');
    expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(names);
    expect(stderr).not.toContain('xx');
  });

  test('send and status', async () => {
    const id = 'message-delivery:acme:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';
    for (const args of [
      ['send', '--input', '{}'],
      ['status', id],
    ]) {
      const { code, stderr } = await runHere(args, { TEMPORAL_ADDRESS: 'http://xx' });
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining('TEMPORAL_ADDRESS must be') as string,
      });
    }
  });
});

describe('in production', () => {
  const id = 'message-delivery:acme:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';
  const send = ['send', '--agent', 'acme', '--to', '+15550100001', '--text', 'x', '--ttl', '60s'];
  const production = async () => ({ ...(await nowhere()), NODE_ENV: 'production' });

  test.each(['', 'marked-key'])('send starts nothing with the hash key %j', async (RECIPIENT_HASH_KEY) => {
    const { code, stdout, stderr } = await runHere(send, { ...(await production()), RECIPIENT_HASH_KEY });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^rcs-delivery: wrong configuration:\n {2}RECIPIENT_HASH_KEY .*openssl rand.*\n$/);
    expect(stderr).not.toContain('marked-key');
  });

  test.each([
    [
      'worker',
      { SMS_PROVIDER: 'http', SMS_HTTP_URL: 'http://sms.example.com', SMS_HTTP_TOKEN: 'a-real-token-1' },
      'SMS_HTTP_URL',
    ],
    ['webhook', { RBM_WEBHOOK_CLIENT_TOKEN: 'simulated-client-token' }, 'RBM_WEBHOOK_CLIENT_TOKEN'],
    [
      'codec-server',
      { PAYLOAD_ENCRYPTION_KEYS: `a:${randomBytes(32).toString('base64')}`, CODEC_SERVER_TOKENS: 'x'.repeat(32) },
      'CODEC_SERVER_TOKENS',
    ],
  ])('%s does not start with what nobody should use there', async (role, variables, name) => {
    const { code, stdout, stderr } = await run([role], { ...(await production()), ...variables });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^rcs-delivery: wrong configuration:\n {2}${name} (?:must|is published)`));
  });

  test('with a strong key, and for commands that only read, it gets as far as Temporal', async () => {
    const RECIPIENT_HASH_KEY = randomBytes(32).toString('base64');
    expect(await runHere(send, { ...(await production()), RECIPIENT_HASH_KEY })).toMatchObject({ code: 4 });
    expect(await runHere(['status', id], await production())).toMatchObject({ code: 4 });
  });
});

test('a wrong input is reported without Temporal: every field at once, and no value', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  const file = join(folder, 'message.json');
  await writeFile(file, JSON.stringify({ agentId: 'acme', recipient: 'xx', ttl: 'xx', xx: 1 }));
  const { code, stderr } = await runHere(['send', '--file', file], await nowhere());
  await rm(folder, { recursive: true });
  expect(code).toBe(2);
  const [head, ...fields] = stderr.trim().split('\n');
  expect(head).toBe('rcs-delivery: wrong input in the file message.json:');
  expect(fields.map((line) => line.trim().split(' ')[0])).toEqual(
    expect.arrayContaining(['messageId', 'recipient', 'contentMessage', 'ttl']),
  );
  expect(stderr).not.toContain('"xx"');
});

test('without Temporal a command exits with 4 and names the address', async () => {
  const environment = await nowhere();
  const { code, stderr } = await run(['status', 'acme', '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21'], environment);
  const reason = `no connection at ${environment.TEMPORAL_ADDRESS}: nothing is listening there`;
  expect({ code, stderr }).toEqual({ code: 4, stderr: `rcs-delivery: Temporal is not available (${reason})\n` });
});
