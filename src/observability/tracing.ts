import { setTimeout as delay } from 'node:timers/promises';
import { context, propagation, trace, type Tracer } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { ClientInterceptors } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';
import type { Logger } from './logger.js';
import { carefulExporter } from './careful-exporter.js';
import { createSpanIds, type SpanIds } from './span-ids.js';

/** Tracing of one program. Its libraries are large and this file loads them: import it only where tracing is on. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Lets a span have an id that is known beforehand. */
  readonly ids: SpanIds;
  /** For a Temporal Client: each call is a span, and its trace goes on in the workflow. */
  readonly clientInterceptors: ClientInterceptors;
  /** Sends what is left, for two seconds at most, and ends tracing. Never rejects. */
  readonly stop: () => Promise<void>;
}

export interface TracingOptions {
  /** The service's name, if OTEL_SERVICE_NAME doesn't give another: `rcs-delivery-worker`. */
  readonly serviceName: string;
  /** Told once when spans can't be exported, and once when they can again. */
  readonly logger?: Pick<Logger, 'warn' | 'info'>;
}

const STOP_LIMIT_MS = 2_000;

/**
 * Spans go to the OTLP/HTTP endpoint that OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_…) name; OTEL_TRACES_SAMPLER
 * and OTEL_RESOURCE_ATTRIBUTES work too. Registers as the process' tracing, so call it once. Contexts go to Temporal's
 * headers alone: nothing here instruments HTTP, so no request to RBM, an SMS provider or anyone else carries one.
 */
export function startTracing({ serviceName, logger }: TracingOptions): Tracing {
  const resource = new Resource({ 'service.name': serviceName }).merge(
    detectResourcesSync({ detectors: [envDetectorSync] }),
  );
  const ids = createSpanIds();
  const exporter = carefulExporter(new OTLPTraceExporter(), logger);
  const provider = new NodeTracerProvider({
    resource,
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register({ propagator: new W3CTraceContextPropagator() });
  const tracer = provider.getTracer('rcs-message-delivery');
  return {
    tracer,
    ids,
    clientInterceptors: { workflow: [new OpenTelemetryWorkflowClientInterceptor({ tracer })] },
    stop: async () => {
      const stopped = provider.shutdown().catch(() => undefined);
      await Promise.race([stopped, delay(STOP_LIMIT_MS, undefined, { ref: false })]);
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
