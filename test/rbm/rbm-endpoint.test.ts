import { expect, test } from 'vitest';
import { rbmEndpoint, rbmEndpointPerAgent } from '../../src/rbm/rbm-endpoint.js';

test.each([
  [{}, 'https://rcsbusinessmessaging.googleapis.com'],
  [{ region: 'us' }, 'https://us-rcsbusinessmessaging.googleapis.com'],
  [{ region: 'europe' }, 'https://europe-rcsbusinessmessaging.googleapis.com'],
  [{ region: 'asia' }, 'https://asia-rcsbusinessmessaging.googleapis.com'],
  [{ endpoint: 'http://127.0.0.1:9000' }, 'http://127.0.0.1:9000'],
  [{ endpoint: 'https://proxy.example.com/rbm//', region: 'us' }, 'https://proxy.example.com/rbm'],
] as const)('%o is %s', (given, url) => {
  expect(rbmEndpoint(given)).toBe(url);
});

test.each([
  '',
  'rbm.example.org',
  'ftp://rbm.example.org',
  'https://user:pass@rbm.example.org',
  'https://a.example/?q=1',
])('%o is refused, and not repeated', (endpoint) => {
  expect(() => rbmEndpoint({ endpoint })).toThrow(TypeError);
  if (endpoint !== '') expect(() => rbmEndpoint({ endpoint })).not.toThrow(endpoint);
});

test("an agent's own region comes first, and an endpoint before every region", () => {
  const agents = [{ agentId: 'acme', region: 'asia' }, { agentId: 'other' }] as const;
  const [us, asia, all] = ['us-', 'asia-', ''].map((region) => `https://${region}rcsbusinessmessaging.googleapis.com`);
  const hosts = (options: Parameters<typeof rbmEndpointPerAgent>[1]) =>
    ['acme', 'acme@rbm.goog', 'other', 'unknown'].map(rbmEndpointPerAgent(agents, options));
  expect(hosts({ region: 'us' })).toEqual([asia, asia, us, us]);
  expect(hosts({})).toEqual([asia, asia, all, all]);
  expect(new Set(hosts({ endpoint: 'http://127.0.0.1:9000' }))).toEqual(new Set(['http://127.0.0.1:9000']));
  expect(() => rbmEndpointPerAgent(agents, { endpoint: 'nowhere' })).toThrow(TypeError);
});
