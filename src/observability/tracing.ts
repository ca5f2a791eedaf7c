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

/** Tracing of one process. This file loads large libraries, so import it only if tracing is on. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Sets the ids of spans that must have known ids. */
  readonly ids: SpanIds;
  /** For a Temporal Client: makes each call a span, whose trace continues in the workflow. */
  readonly clientInterceptors: ClientInterceptors;
  /** Exports what is left, for at most two seconds, and stops tracing. Never rejects. */
  readonly stop: () => Promise<void>;
}

export interface TracingOptions {
  /** The service's name, such as `rcs-delivery-worker`. OTEL_SERVICE_NAME overrides it. */
  readonly serviceName: string;
  /** Gets a line when spans can't be exported, and one when they can again. */
  readonly logger?: Pick<Logger, 'warn' | 'info'>;
}

const STOP_LIMIT_MS = 2_000;

/**
 * Exports spans to the OTLP/HTTP endpoint in OpenTelemetry's variables (OTEL_EXPORTER_OTLP_…). OTEL_TRACES_SAMPLER and
 * OTEL_RESOURCE_ATTRIBUTES work too. Registers itself for the whole process, so call it once. Trace contexts go only into
 * Temporal's headers: HTTP is not instrumented, so requests to RBM or SMS providers carry none.
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
