import type { ClientInterceptors } from '@temporalio/client';
import type { TracingConfig } from '../config/tracing-config.js';
import type { TracingOptions } from '../observability/tracing.js';

export interface ClientTracing {
  readonly interceptors: ClientInterceptors;
  /** Sends what is left, for two seconds at most. */
  readonly stopTracing: () => Promise<void>;
}

/** For a Temporal Client. OpenTelemetry's libraries are large: only who exports spans loads them. */
export async function traceIfAsked({ tracing }: TracingConfig, options: TracingOptions): Promise<ClientTracing> {
  if (tracing !== true) return { interceptors: {}, stopTracing: () => Promise.resolve() };
  const { startTracing } = await import('../observability/tracing.js');
  const { clientInterceptors: interceptors, stop: stopTracing } = startTracing(options);
  return { interceptors, stopTracing };
}
