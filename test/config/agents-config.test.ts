import { describe, expect, test } from 'vitest';
import { readClientConfig, readStarterConfig } from '../../src/config/client-config.js';
import type { Environment } from '../../src/config/read-environment.js';
import { readWebhookConfig } from '../../src/config/webhook-config.js';
import { readWorkerConfig } from '../../src/config/worker-config.js';
import { problemsOf } from './problems.js';

const ROLES: [string, (environment: Environment) => unknown][] = [
  ['the worker', readWorkerConfig],
  ['the webhook', (set) => readWebhookConfig({ RBM_WEBHOOK_CLIENT_TOKEN: 'token', ...set })],
  ['a command', readClientConfig],
  ['a command that starts deliveries', readStarterConfig],
];

describe.each(ROLES)('%s', (_, read) => {
  test('reads RBM_AGENTS', () => {
    const RBM_AGENTS = 'acme@rbm.goog type=promotion region=europe brand=Acme, other';
    expect(read({ RBM_AGENTS })).toHaveProperty('agents', [
      { agentId: 'acme', messageTrafficType: 'PROMOTION', region: 'europe', brand: 'Acme' },
      { agentId: 'other' },
    ]);
    expect(read({ RBM_AGENTS: 'acme,other' })).toHaveProperty('agents', [{ agentId: 'acme' }, { agentId: 'other' }]);
  });

  test.each([{}, { RBM_AGENTS: '' }])('knows no agents without it: %j', (environment) => {
    expect(read(environment)).toHaveProperty('agents', []);
  });

  test('says which attribute of which agent is wrong, beside everything else', () => {
    const environment = { RBM_AGENTS: 'acme, other region=xx-mars type=xx', TEMPORAL_ADDRESS: 'http://xx' };
    const { problems, message } = problemsOf(() => read(environment));
    expect(Object.keys(problems)).toEqual(['RBM_AGENTS', 'TEMPORAL_ADDRESS']);
    expect(problems['RBM_AGENTS']).toBe(
      'is wrong: agent other: region must be one of us, europe, asia; ' +
        'agent other: type must be one of AUTHENTICATION, TRANSACTION, PROMOTION, SERVICEREQUEST, ACKNOWLEDGEMENT',
    );
    expect(message).not.toContain('xx');
  });
});

test('a worker behind a proxy may have agents with a region, since the list is the same everywhere', () => {
  const set = { RBM_ENDPOINT: 'http://127.0.0.1:1', RBM_AGENTS: 'acme region=europe' };
  expect(readWorkerConfig(set)).toMatchObject({
    rbm: { endpoint: 'http://127.0.0.1:1' },
    agents: [{ agentId: 'acme', region: 'europe' }],
  });
});
