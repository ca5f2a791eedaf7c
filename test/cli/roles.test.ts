import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startDevServer } from '../../dev/temporal/dev-server.js';
import { isAlive } from '../../dev/temporal/file-lock.js';
import { freePort } from '../../dev/temporal/free-port.js';
import { nodeWarning } from '../../src/config/node-version.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { runHere } from './in-process.js';
import { endAll, PROGRAM, run, serve } from './program.js';

const env = { ...process.env, TEMPORAL_ADDRESS: '' };
const TOKEN = { RBM_WEBHOOK_CLIENT_TOKEN: 'token' };
let temporal: Readonly<Record<string, string>>;

beforeAll(async () => {
  temporal = (await sharedTemporal()).variables;
});
afterEach(endAll);

const webhookUrl = (line: Record<string, unknown>) => `http://${String((line['listening'] as string[])[0])}`;
const statusOf = async (url: string) => (await fetch(url)).status;

describe('worker', () => {
  test('runs deliveries, logs only JSON, serves metrics and exits with 0 on SIGTERM', async () => {
    const metricsPort = String(await freePort());
    // Nothing listens there, so the delivery keeps trying.
    const rbm = { RBM_ENDPOINT: `http://127.0.0.1:${String(await freePort())}` };
    const worker = serve(['worker'], { ...temporal, ...rbm, METRICS_PORT: metricsPort, TASK_QUEUE: 'roles' });
    expect(await worker.said('worker running')).toMatchObject({
      level: 'info',
      role: 'worker',
      taskQueue: 'roles',
      sms: 'none',
    });
    expect(
      worker.log.filter(({ msg }) => msg === 'SMS_PROVIDER is not set: deliveries have no SMS fallback'),
    ).toHaveLength(1);
    expect(worker.log.filter(({ msg }) => String(msg).startsWith('RECIPIENT_HASH_KEY is not set'))).toHaveLength(1);
    const warning = nodeWarning();
    const ofNode = worker.log.filter(({ msg }) => String(msg).startsWith('Node.js '));
    expect(ofNode.map(({ level, msg }) => [level, msg])).toEqual(warning === undefined ? [] : [['warn', warning]]);

    const flags = ['--agent', 'acme', '--to', '+15550100001', '--text', 'marked text', '--ttl', '600s'];
    const sent = await run(['send', ...flags], { ...temporal, TASK_QUEUE: 'roles' });
    expect(sent).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^message-delivery:acme:[0-9a-f-]{36}\n$/) as string,
    });
    const id = sent.stdout.trim();
    const status = await run(['status', id], temporal);
    expect(status.stdout).toMatch(/^SENDING\n/);
    expect(status.stdout).toMatch(/expires +\S+ \(in 9m \d+s\)/);
    const json = await run(['status', ...id.split(':').slice(1), '--json'], temporal);
    expect(JSON.parse(json.stdout)).toMatchObject({ agentId: 'acme', phase: 'SENDING', outcome: null });

    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    expect(metrics).toMatch(/^temporal_workflow_task_.*_total\{/m);
    const { code, stdout, stderr } = await worker.end();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(worker.log.at(-1)).toMatchObject({ msg: 'worker stopped' });
    expect(stdout).not.toMatch(/15550100001|marked text/);
  });

  test('logs at its start that it has no access to RBM, and a delivery records why nothing was sent', async () => {
    const own = { ...temporal, TASK_QUEUE: 'no-token', METADATA_SERVER_DETECTION: 'none' };
    const worker = serve(['worker'], own);
    await worker.said('worker running');
    const warned = () => worker.log.filter(({ reason }) => reason === 'no access token: there are no credentials');
    await expect.poll(warned).toEqual([expect.objectContaining({ level: 'warn' })]);
    const revocation = { grace: '0s', holdTimeout: '1s' };
    const input = { agentId: 'acme', messageId: randomUUID(), recipient: '+15550100001', ttl: '4s', revocation };
    const json = JSON.stringify({ ...input, contentMessage: { text: 'x' } });
    const id = (await run(['send', '--input', json], own)).stdout.trim();
    const last = await worker.said('delivery needs attention');
    expect(last).toMatchObject({ level: 'warn', workflowId: id });
    const { stdout } = await run(['status', id], own);
    expect(stdout).toMatch(/answer to the message: failed \(not sent, no access token\)$/m);
    await worker.end();
    // The SDK's own states and attempts are not logged. Its warnings are.
    const ofTheSdk = worker.log.filter(({ level, msg }) => {
      return msg === 'Activity failed' || (level === 'info' && /Worker state|Nexus|Activity/.test(String(msg)));
    });
    expect(ofTheSdk).toEqual([]);
  });

  test('exits at once, with 0, on SIGTERM while it waits', async () => {
    const worker = serve(['worker'], { TEMPORAL_ADDRESS: `127.0.0.1:${String(await freePort())}` });
    await worker.said('waiting for Temporal');
    expect(await worker.end()).toMatchObject({ code: 0, stderr: '' });
  });

  test('exits with 1 and an error if its metrics port is in use', async () => {
    const taken = createServer().listen(0, '0.0.0.0');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { code, stderr } = await run(['worker'], { ...temporal, METRICS_PORT: String(port) });
    taken.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^rcs-delivery: .*METRICS_PORT/);
  });
});

describe('webhook', () => {
  test('starts beside a Service of Kubernetes that has its name, and says so', async () => {
    const ports = { WEBHOOK_PORT: 'tcp://10.96.14.3:8080', PORT: '0' };
    const webhook = serve(['webhook'], { ...temporal, ...TOKEN, ...ports, LOG_LEVEL: 'INFO' });
    const { listening } = await webhook.said('webhook listening');
    const port = new URL(`http://${String((listening as string[])[0])}`).port;
    expect(await statusOf(`http://127.0.0.1:${port}/healthz`)).toBe(200);
    expect(await webhook.end()).toMatchObject({ code: 0, stderr: '' });
    const warnings = webhook.log.filter(({ level }) => level === 'warn').map(({ msg }) => String(msg));
    expect(warnings.filter((text) => text.startsWith('WEBHOOK_PORT was set by Kubernetes'))).toHaveLength(1);
    expect(warnings.filter((text) => text.startsWith('PAYLOAD_ENCRYPTION_KEYS is not set'))).toHaveLength(1);
  });

  test('is ready while Temporal answers, and exits with 0 on SIGTERM', async () => {
    const webhook = serve(['webhook'], { ...temporal, ...TOKEN, WEBHOOK_HOST: '127.0.0.1', WEBHOOK_PORT: '0' });
    const url = webhookUrl(await webhook.said('webhook listening'));
    expect(await statusOf(`${url}/healthz`)).toBe(200);
    expect(await statusOf(`${url}/readyz`)).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_cpu_seconds_total');
    expect(await webhook.end()).toMatchObject({ code: 0, stderr: '' });
    expect(webhook.log.at(-1)).toMatchObject({ msg: 'webhook stopped' });
  });

  test('exits with 1 and an error if its port is in use', async () => {
    const first = serve(['webhook'], { ...temporal, ...TOKEN, WEBHOOK_HOST: '127.0.0.1', WEBHOOK_PORT: '0' });
    const port = new URL(webhookUrl(await first.said('webhook listening'))).port;
    const second = await run(['webhook'], { ...temporal, ...TOKEN, WEBHOOK_HOST: '127.0.0.1', WEBHOOK_PORT: port });
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the port WEBHOOK_PORT cannot be listened on') as string,
    });
    await first.end();
  });

  test('started by npx, it exits with the shell that npx puts in between', async () => {
    const command = `"${process.execPath}" "${PROGRAM}" webhook & echo $!; wait`;
    const own = {
      ...TOKEN,
      WEBHOOK_HOST: '127.0.0.1',
      WEBHOOK_PORT: '0',
      WEBHOOK_SHUTDOWN_DELAY: '0s',
      npm_lifecycle_event: 'npx',
    };
    const shell = spawn('sh', ['-c', command], {
      env: { ...env, ...temporal, ...own },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(shell.stdout.setEncoding('utf8'), 'data')) as [string];
    const pid = Number.parseInt(line, 10);
    onTestFinished(() => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    // Its first log line shows that it runs.
    await once(shell.stdout, 'data');
    expect(isAlive(pid)).toBe(true);
    shell.kill('SIGTERM');
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});

test('without Temporal, the worker waits, the webhook is not ready, and both go on once it answers', async () => {
  const port = await freePort();
  const address = `127.0.0.1:${String(port)}`;
  const webhookEnv = { ...TOKEN, WEBHOOK_HOST: '127.0.0.1', WEBHOOK_PORT: '0' };
  const webhook = serve(['webhook'], { TEMPORAL_ADDRESS: address, ...webhookEnv });
  const worker = serve(['worker'], { TEMPORAL_ADDRESS: address });
  expect(await worker.said('waiting for Temporal')).toMatchObject({
    level: 'warn',
    address,
    attempt: 1,
    retryInMs: 1000,
    reason: 'Connection refused',
  });
  const url = webhookUrl(await webhook.said('webhook listening'));
  expect(await statusOf(`${url}/healthz`)).toBe(200);
  expect(await statusOf(`${url}/readyz`)).toBe(503);

  const late = await startDevServer({ env, port });
  onTestFinished(() => late.stop());

  await worker.said('worker running');
  await expect.poll(() => statusOf(`${url}/readyz`)).toBe(200);
  expect((await webhook.end()).code).toBe(0);
  expect((await worker.end()).code).toBe(0);
});

describe('send', () => {
  const message = () => ({
    agentId: 'acme',
    messageId: randomUUID(),
    recipient: '+15550100001',
    contentMessage: { text: 'Your code is 482913' },
    messageTrafficType: 'AUTHENTICATION',
    ttl: '600s',
  });

  test('reads JSON from stdin and as text, and accepts the same message twice', async () => {
    const input = message();
    const json = JSON.stringify(input);
    const id = `message-delivery:acme:${input.messageId}`;
    expect(await runHere(['send', '--file', '-'], temporal, json)).toEqual({ code: 0, stdout: `${id}\n`, stderr: '' });
    const again = await runHere(['send', '--input', json, '--json'], temporal);
    const printed: unknown = JSON.parse(again.stdout);
    expect(printed).toEqual({ workflowId: id, agentId: 'acme', messageId: input.messageId, isNew: false });
    expect(again.stderr).toBe('note: this message was started before, so nothing new was started\n');
    const fresh = await runHere(['send', '--input', JSON.stringify(message()), '--json'], temporal);
    expect({ ...fresh, stdout: JSON.parse(fresh.stdout) as unknown }).toMatchObject({
      ...{ code: 0, stderr: '', stdout: { isNew: true } },
    });
  });

  test('refuses the same message with another input: exit code 2, the fields and what to do', async () => {
    const input = message();
    const send = (fields: object) => runHere(['send', '--input', JSON.stringify({ ...input, ...fields })], temporal);
    await send({});
    expect(await send({ contentMessage: { text: 'Your code is 771204' } })).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'rcs-delivery: a delivery of this message was started with another input (different: contentMessage.text); ' +
        'a new code is a new message and needs a new messageId\n',
    });
  });

  test('accepts the options of the fallback', async () => {
    const { messageId } = message();
    const flags = [
      '--agent',
      'acme',
      '--message-id',
      messageId,
      '--to',
      '+15550100001',
      '--text',
      'hello',
      '--ttl',
      '60s',
    ];
    const more = ['--sms-text', 'hello', '--sms-sender', 'Acme', '--when-uncertain', 'hold', '--campaign', 'spring'];
    const sent = await runHere(['send', ...flags, ...more, '--traffic-type', 'PROMOTION'], temporal);
    expect(sent).toEqual({ code: 0, stdout: `message-delivery:acme:${messageId}\n`, stderr: '' });
  });
});

test('status of an unknown delivery exits with 3', async () => {
  const unknown = `message-delivery:acme:${randomUUID()}`;
  const { code, stdout, stderr } = await runHere(['status', unknown], temporal);
  expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: '', stderr: `rcs-delivery: no delivery ${unknown}\n` });
});
