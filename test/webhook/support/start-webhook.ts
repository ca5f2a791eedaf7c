import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { buildServer, type WebhookOptions } from '../../../src/webhook/build-server.js';
import { createMemoryDeliveries, type MemoryDeliveries } from './memory-deliveries.js';
import { createMemoryOptOuts, type MemoryOptOuts } from './memory-opt-outs.js';
import { CLIENT_TOKEN, post, signedCall, type Answer } from './rbm-sender.js';

export interface Rig {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly deliveries: MemoryDeliveries;
  readonly optOuts: MemoryOptOuts;
  /** Returns every log line so far. */
  readonly logs: () => string;
  /** Returns the whole text of /metrics. */
  readonly metrics: () => Promise<string>;
  /** Returns the sum of a counter's values with these labels. Default: `rcs_webhook_events_total`. */
  readonly counted: (labels: Readonly<Record<string, string>>, name?: string) => Promise<number>;
  /** Posts a signed event to /webhooks/rbm. */
  readonly send: (event: unknown, token?: string) => Promise<Answer>;
}

/** Starts a webhook server on a free port, over deliveries and opt-outs in memory. It closes when the test ends. */
export async function startWebhook(options: Partial<WebhookOptions> = {}): Promise<Rig> {
  const deliveries = createMemoryDeliveries();
  const optOuts = createMemoryOptOuts();
  const { logs, log } = captureLogs();
  const registry = new Registry();
  const app = buildServer({ deliveries, optOuts, rbm: { clientTokens: [CLIENT_TOKEN] }, log, registry, ...options });
  onTestFinished(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    app,
    url,
    deliveries,
    optOuts,
    logs,
    metrics: () => registry.metrics(),
    counted: (labels, name = 'rcs_webhook_events_total') => valueOf(registry, name, labels),
    send: (event, token) => post(`${url}/webhooks/rbm`, signedCall(event, token)),
  };
}

export function captureLogs() {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { log, logs: () => lines.join('') };
}

export async function valueOf(
  registry: Registry,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<number> {
  const metric = await registry.getSingleMetric(name)?.get();
  const matching = (metric?.values ?? []).filter(({ labels: own }) =>
    Object.entries(labels).every(([label, value]) => own[label] === value),
  );
  return matching.reduce((sum, { value }) => sum + value, 0);
}
