import { expect, test } from 'vitest';
import type { RbmAuth } from '../../src/rbm/rbm-auth.js';
import { createRbmClient } from '../../src/rbm/rbm-client.js';
import { rbmEndpointPerAgent } from '../../src/rbm/rbm-endpoint.js';
import { json, serve } from '../http/loopback.js';

const auth: RbmAuth = { accessToken: () => Promise.resolve('token'), invalidate: () => undefined };
const agents = [{ agentId: 'acme-europe', region: 'europe' }, { agentId: 'acme-plain' }] as const;
const idOf = (agentId: string) => ({
  agentId,
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  timeoutMs: 5_000,
});

/** Creates and revokes one message. */
async function exchange(endpoint: ReturnType<typeof rbmEndpointPerAgent>, agentId: string, fetched?: typeof fetch) {
  const rbm = createRbmClient({ endpoint, auth, ...(fetched !== undefined && { fetch: fetched }) });
  const message = { contentMessage: { text: 'x' }, expireTime: '2026-01-02T03:14:05Z' };
  await rbm.createAgentMessage({ ...idOf(agentId), ...message });
  await rbm.deleteAgentMessage(idOf(agentId));
}

test('create and revoke go to the host of the agent, or else of RBM_REGION', async () => {
  const [us, europe] = [await serve(json(200, {})), await serve(json(200, {}))];
  const hosts: Readonly<Record<string, string>> = {
    'https://us-rcsbusinessmessaging.googleapis.com': us.url,
    'https://europe-rcsbusinessmessaging.googleapis.com': europe.url,
  };
  // What DNS does for Google's hosts.
  const resolved: typeof fetch = (input, init) => {
    const { origin, pathname, search } = new URL(input instanceof Request ? input.url : input);
    return fetch(`${hosts[origin] ?? 'http://unknown.invalid'}${pathname}${search}`, init);
  };
  const endpoint = rbmEndpointPerAgent(agents, { region: 'us' });
  for (const agentId of ['acme-europe', 'acme-plain', 'acme-unknown']) await exchange(endpoint, agentId, resolved);
  const seen = ({ received }: typeof us) =>
    received.map(({ method, path }) => `${method} ${new URL(path, 'http://rbm').searchParams.get('agentId')}`);
  expect(seen(europe)).toEqual(['POST acme-europe', 'DELETE acme-europe']);
  expect(seen(us)).toEqual(['POST acme-plain', 'DELETE acme-plain', 'POST acme-unknown', 'DELETE acme-unknown']);
});

test('with RBM_ENDPOINT every agent uses that', async () => {
  const { url, received } = await serve(json(200, {}));
  const endpoint = rbmEndpointPerAgent(agents, { endpoint: url });
  for (const agentId of ['acme-europe', 'acme-plain']) await exchange(endpoint, agentId);
  expect(received).toHaveLength(4);
});
