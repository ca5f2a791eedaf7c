import { setTimeout as delay } from 'node:timers/promises';
import { context, propagation, trace, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { ClientInterceptors } from '@temporalio/client';
import type { OtlpSettings } from '../config/otlp-config.js';
import type { SamplerSettings } from '../config/span-config.js';
import type { TracingSettings } from '../config/tracing-config.js';
import { carefulExporter } from './careful-exporter.js';
import { clientSpans } from './client-spans.js';
import type { Logger } from './logger.js';
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
  /** The service's name, such as `rcs-delivery-worker`, unless OpenTelemetry's variables name another. */
  readonly serviceName: string;
  /** Gets a line when spans can't be exported, and one when they can again. */
  readonly logger?: Pick<Logger, 'warn' | 'info'>;
}

const STOP_LIMIT_MS = 2_000;

/**
 * Exports spans as OpenTelemetry's variables say. Registers itself for the whole process, so call it once. Trace contexts
 * go only into Temporal's headers: HTTP is not instrumented, so requests to RBM or SMS providers carry none.
 */
export function startTracing(settings: TracingSettings, { serviceName, logger }: TracingOptions): Tracing {
  const { otlp, sampler, batch, limits, resource, propagate } = settings;
  const ids = createSpanIds();
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': serviceName, ...resource })),
    idGenerator: ids,
    sampler: samplerOf(sampler),
    spanLimits: limits,
    spanProcessors: [new BatchSpanProcessor({ ...batch, exporter: carefulExporter(exporterTo(otlp), logger) })],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagate ? new W3CTraceContextPropagator() : NO_PROPAGATOR);
  const tracer = provider.getTracer('rcs-message-delivery');
  return {
    tracer,
    ids,
    clientInterceptors: { workflow: [clientSpans(tracer)] },
    stop: async () => {
      const stopped = provider.shutdown().catch(() => undefined);
      await Promise.race([stopped, delay(STOP_LIMIT_MS, undefined, { ref: false })]);
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

/** For `OTEL_PROPAGATORS=none`: a call's trace does not go on in the workflow. */
const NO_PROPAGATOR = new CompositePropagator();

/** Every option is given, since the library would read the variables itself for those that are not. */
function exporterTo({ url, headers, timeoutMs, gzip, tls }: OtlpSettings): OTLPTraceExporter {
  return new OTLPTraceExporter({
    url,
    headers,
    timeoutMillis: timeoutMs,
    compression: gzip ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    httpAgentOptions: { keepAlive: true, ...tls },
  });
}

function samplerOf({ parentBased, root, ratio }: SamplerSettings): Sampler {
  const sampler =
    root === 'ratio'
      ? new TraceIdRatioBasedSampler(ratio)
      : root === 'always'
        ? new AlwaysOnSampler()
        : new AlwaysOffSampler();
  return parentBased ? new ParentBasedSampler({ root: sampler }) : sampler;
}
