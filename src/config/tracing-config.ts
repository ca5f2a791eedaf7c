import { z } from 'zod';
import { baseUrl, text, variable } from './variable.js';

/** OpenTelemetry's own variables. Its library reads these and others, such as OTEL_EXPORTER_OTLP_HEADERS. */
export const tracingFields = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(baseUrl.optional(), {
    description:
      'The base URL of an OpenTelemetry collector (OTLP over HTTP), such as http://collector:4318, which turns tracing on.',
    must: 'must be an http or https URL without a query',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: variable(baseUrl.optional(), {
    description:
      'The full URL for traces, such as http://collector:4318/v1/traces, which takes precedence and turns tracing on, too.',
    must: 'must be an http or https URL without a query',
  }),
  OTEL_SERVICE_NAME: variable(text.optional(), {
    description:
      'The service name of the spans, by default rcs-delivery-worker, rcs-delivery-webhook or rcs-delivery-cli.',
    must: 'must be a name',
  }),
});

export interface TracingConfig {
  /** true: spans are exported. */
  readonly tracing?: boolean;
}

export function tracingConfig(variables: z.output<typeof tracingFields>): TracingConfig {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = variables;
  return base === undefined && traces === undefined ? {} : { tracing: true };
}
