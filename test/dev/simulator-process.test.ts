import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { createReceiver, SECRET } from './simulator-bench.js';

const run = (env: Readonly<Record<string, string>>) =>
  spawn(process.execPath, ['--import', 'tsx', 'dev/simulator/main.ts'], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

test('takes its options from the environment, writes its key, serves its control API, and stops on SIGTERM', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'simulator-'));
  const receiver = await createReceiver();
  const child = run({
    ...{ SIMULATOR_PORT: '0', SIMULATOR_WEBHOOK_URL: `${receiver.url}/`, SMS_HTTP_TOKEN: 'sms-token' },
    ...{ SIMULATOR_CREDENTIALS_FILE: join(dir, 'keys', 'rbm.json'), SMS_WEBHOOK_SECRET: SECRET },
    RBM_WEBHOOK_CLIENT_TOKEN: 'current,older',
  });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const url = /http:\S+/.exec(line.toString())?.[0] ?? '';
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
    const key = JSON.parse(await readFile(join(dir, 'keys', 'rbm.json'), 'utf8')) as { token_uri: string };
    expect(key.token_uri).toBe(`${url}/token`);

    const script = (behaviour: unknown) =>
      fetch(`${url}/__simulator/phones`, {
        method: 'POST',
        body: JSON.stringify({ phone: '+15550100009', behaviour }),
      }).then(({ status }) => status);
    expect(await script('smsUndelivered')).toBe(204);
    expect(await script({ smsReceiptDelay: '10ms' })).toBe(204);
    expect(await script({ rcs: 'sometimes' })).toBe(400);
    expect(await script('noSuchPreset')).toBe(400);

    await fetch(`${url}/sms`, {
      method: 'POST',
      headers: { authorization: 'Bearer sms-token' },
      body: JSON.stringify({ to: '+15550100009', text: 'Hello', reference: 'r-1' }),
    });
    await expect.poll(() => receiver.calls.map((call) => call.url)).toEqual(['/webhooks/sms/http']);
    const truth = async (query = '') => (await fetch(`${url}/__simulator/truth${query}`)).json();
    const received = [{ channel: 'SMS', reference: 'r-1', text: 'Hello' }];
    expect(await truth('?phone=%2B15550100009')).toMatchObject(received);
    expect(await truth()).toMatchObject({ phones: { '+15550100009': received } });

    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
    await receiver.close();
    await rm(dir, { recursive: true });
  }
});

test('reports all wrong variables together', async () => {
  const child = run({ SIMULATOR_PORT: 'high' });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  expect(await once(child, 'exit')).toEqual([1, null]);
  for (const name of ['SIMULATOR_PORT', 'RBM_WEBHOOK_CLIENT_TOKEN', 'SMS_WEBHOOK_SECRET', 'SMS_HTTP_TOKEN']) {
    expect(stderr).toContain(name);
  }
});
