import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Runtime } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/observability/logger.js';
import { temporalLogging } from '../../src/observability/temporal-logger.js';
import { connectToTemporal, TemporalSetupError, type ConnectOptions } from '../../src/temporal/worker-connection.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';

let server: SharedTemporal;
beforeAll(async () => {
  Runtime.install(
    temporalLogging(createLogger({ level: 'error', role: 'test', destination: { write: () => undefined } })),
  );
  server = await sharedTemporal();
});

function rig(
  { address, namespace = 'default' }: { address: string; namespace?: string },
  more: Partial<ConnectOptions> = {},
) {
  const log: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) };
  const abort = new AbortController();
  const connecting = connectToTemporal({
    temporal: { address, namespace, options: { address } },
    logger: createLogger({ level: 'info', role: 'worker', destination }),
    signal: abort.signal,
    pauseMs: { first: 10, longest: 40 },
    ...more,
  });
  return { log, abort, connecting };
}

describe('connecting to Temporal', () => {
  test('returns a connection at once if Temporal and the namespace are there', async () => {
    const { connecting, log } = rig(server);
    const connection = await connecting;
    expect(await connection.workflowService.getSystemInfo({})).toHaveProperty('serverVersion');
    expect(log).toEqual([]);
    await connection.close();
  });

  test('logs at every attempt why it waits, and waits longer each time up to a limit', async () => {
    const { connecting, log, abort } = rig({ address: '127.0.0.1:1' });
    await expect.poll(() => log.length).toBeGreaterThan(4);
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ name: 'AbortError' });
    expect(log.slice(0, 4).map(({ attempt, retryInMs }) => [attempt, retryInMs])).toEqual([
      [1, 10],
      [2, 20],
      [3, 40],
      [4, 40],
    ]);
    expect(log[0]).toMatchObject({ level: 'warn', msg: 'waiting for Temporal', reason: 'Connection refused' });
  });

  test('does not wait forever for a host that accepts the connection and does not answer', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { connecting, log, abort } = rig({ address: `127.0.0.1:${String(port)}` }, { attemptTimeoutMs: 50 });
    await expect.poll(() => log.length).toBeGreaterThan(1);
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ name: 'AbortError' });
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test('gives up on a namespace that stays missing', async () => {
    const { connecting, log } = rig({ ...server, namespace: 'missing' }, { namespaceTimeoutMs: 100 });
    await expect(connecting).rejects.toThrow(TemporalSetupError);
    await expect(connecting).rejects.toThrow('has no namespace missing (TEMPORAL_NAMESPACE)');
    expect(log[0]).toMatchObject({ msg: 'waiting for the namespace', namespace: 'missing' });
  });
});
