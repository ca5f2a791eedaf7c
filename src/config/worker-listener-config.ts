import { z } from 'zod';
import { host, HOST_MUST, port, variable } from './variable.js';

/** Where the worker answers Prometheus and probes. */
export const workerListenerFields = z.object({
  METRICS_PORT: variable(port.optional(), {
    description: "The port for the worker's Prometheus metrics (`/metrics`); if unset, there are none.",
    must: 'must be a port number',
  }),
  METRICS_HOST: variable(host.default('::'), {
    description: 'The address that the worker listens on for METRICS_PORT, by default every one, also of IPv4.',
    must: HOST_MUST,
  }),
  HEALTH_PORT: variable(port.optional(), {
    description:
      "The port for the worker's probes (`/healthz` and `/readyz`); 0 means any free port; if unset, there are none.",
    must: 'must be a port number',
  }),
  HEALTH_HOST: variable(host.default('::'), {
    description: 'The address that the worker listens on for HEALTH_PORT, by default every one, also of IPv4.',
    must: HOST_MUST,
  }),
});

interface Listener {
  readonly host: string;
  readonly port: number;
}

export interface WorkerListenerConfig {
  /** Undefined: no metrics. */
  readonly metrics?: Listener;
  /** Undefined: no probes. */
  readonly health?: Listener;
}

export function workerListenerConfig(variables: z.output<typeof workerListenerFields>): WorkerListenerConfig {
  const { METRICS_HOST, METRICS_PORT, HEALTH_HOST, HEALTH_PORT } = variables;
  return {
    ...(METRICS_PORT !== undefined && { metrics: { host: METRICS_HOST, port: METRICS_PORT } }),
    ...(HEALTH_PORT !== undefined && { health: { host: HEALTH_HOST, port: HEALTH_PORT } }),
  };
}
