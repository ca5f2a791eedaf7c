import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { buildHealthServer } from '../../src/health/build-health-server.js';

const OK = { status: 200, body: { status: 'fine' } } as const;

test('keeps idle connections longer than a balancer, and closes them at the end', async () => {
  const app = buildHealthServer({ alive: () => OK, ready: () => Promise.resolve(OK) });
  onTestFinished(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${String(port)}/readyz`);
  expect(answer.headers.get('keep-alive')).toBe('timeout=620');
  expect(await answer.json()).toEqual(OK.body);
  // Otherwise this would wait until the connection is no longer kept.
  await app.close();
});
