import { z } from 'zod';
import { baseUrl, text, variable } from './variable.js';

/** OpenTelemetry's own; its library reads them too, and the rest of them (OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER…). */
export const tracingFields = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(baseUrl.optional(), {
    description:
      'The base URL of an OpenTelemetry collector, OTLP over HTTP, such as http://collector:4318: turns tracing on. ' +
      'Unset, and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT too: no tracing.',
    must: 'must be an http or https URL without a query',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: variable(baseUrl.optional(), {
    description: 'Instead: the whole URL for traces, such as http://collector:4318/v1/traces.',
    must: 'must be an http or https URL without a query',
  }),
  OTEL_SERVICE_NAME: variable(text.optional(), {
    description:
      'The service that spans belong to. Default: rcs-delivery-worker, rcs-delivery-webhook, rcs-delivery-cli.',
    must: 'must be a name',
  }),
});

export interface TracingConfig {
  /** Present and true: spans are exported. */
  readonly tracing?: boolean;
}

export function tracingConfig(variables: z.output<typeof tracingFields>): TracingConfig {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = variables;
  return base === undefined && traces === undefined ? {} : { tracing: true };
}
