import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { endAll, run, serve } from '../cli/program.js';
import { deadUrl } from '../http/loopback.js';
import { startConnectProxy, type ConnectProxy } from '../support/connect-proxy.js';
import { deliver } from './support/deliver.js';
import { useStack } from './support/use-stack.js';

const { PATH, HOME, TMPDIR } = process.env;
const inherited: Record<string, string | undefined> = { PATH, HOME, TMPDIR };
let proxy: ConnectProxy;
beforeAll(async () => {
  proxy = await startConnectProxy();
  const { port } = proxy;
  Object.assign(inherited, {
    HTTPS_PROXY: `127.0.0.1:${String(port)}`,
    HTTP_PROXY: `http://user:hush@127.0.0.1:${String(port)}`,
  });
});
afterAll(() => proxy.stop());
const stack = useStack({ inherited });

test('every connection of a worker and a webhook goes through the proxies of the environment', async () => {
  const delivery = await deliver(stack(), { behaviour: 'offline' });
  expect((await delivery.ended()).outcome).toBe('DELIVERED_BY_SMS');
  const { temporal, simulator, worker, webhook } = stack();
  // The simulator is RBM, Google's token endpoint and the SMS gateway.
  expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(
    new Set([temporal.address, new URL(simulator.url).host, new URL(simulator.smsUrl).host]),
  );
  for (const output of [worker.output(), webhook.output()]) {
    expect(output).toContain(`"temporal":"127.0.0.1:${String(proxy.port)}"`);
    expect(output).not.toContain('hush');
  }
});

describe('a proxy that does not answer', () => {
  const dead = async () => ({ https_proxy: await deadUrl(), HTTP_PROXY: await deadUrl() });

  test.each(['localhost,127.0.0.1', ' LOCALHOST ,\t127.0.0.1 ', '127.0.0.0/8', '*'])(
    'is not used with NO_PROXY=%j',
    async (NO_PROXY) => {
      const { code, stderr } = await run(['list'], { ...stack().env, ...(await dead()), NO_PROXY });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    },
  );

  test('is named by a command', async () => {
    const variables = { ...stack().env, ...(await dead()) };
    const { code, stderr } = await run(['list'], variables);
    expect(code).toBe(4);
    expect(stderr).toContain(`through the proxy ${new URL(variables.https_proxy).host} (https_proxy)`);
  });
});

test.each([407, 503])('a command ends with 4 if the proxy answers %i', async (answer) => {
  const refusing = await startConnectProxy({ answer });
  onTestFinished(() => refusing.stop());
  const { code, stderr } = await run(['list'], { ...stack().env, HTTPS_PROXY: refusing.url });
  expect(code).toBe(4);
  expect(stderr).toContain('through the proxy');
  expect(refusing.asked[0]?.target).toBe(stack().temporal.address);
});

describe('a variable that names no usable proxy', () => {
  beforeEach(() => endAll);
  const wrong = { HTTPS_PROXY: 'socks5://user:hush@127.0.0.1:1080' };

  test('is named by a command, and nothing is sent past it', async () => {
    const { code, stderr } = await run(['list'], { ...stack().env, ...wrong });
    expect(code).toBe(4);
    expect(stderr).toContain('HTTPS_PROXY must name a proxy');
    expect(stderr).not.toContain('hush');
  });

  test('keeps no webhook and no worker from starting; both say what is wrong', async () => {
    const webhook = serve(['webhook'], { ...stack().env, ...wrong, WEBHOOK_PORT: '0', LOG_LEVEL: 'info' });
    expect(await webhook.said('webhook listening')).toBeDefined();
    const worker = serve(['worker'], { ...stack().env, ...wrong, LOG_LEVEL: 'info' });
    expect(await worker.said('waiting for Temporal')).toMatchObject({
      reason: expect.stringContaining('HTTPS_PROXY must name a proxy') as string,
    });
    for (const { log } of [webhook, worker]) {
      expect(log).toContainEqual(expect.objectContaining({ level: 'warn', variable: 'HTTPS_PROXY' }));
      expect(JSON.stringify(log)).not.toContain('hush');
    }
    await Promise.all([webhook.end(), worker.end()]);
  });
});
