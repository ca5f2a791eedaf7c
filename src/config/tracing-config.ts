import { z } from 'zod';
import { otelVariables, type OtelVariables } from './otel-variables.js';
import { hasEndpoint, otlpSettings, type OtlpSettings } from './otlp-config.js';
import type { Environment } from './read-environment.js';
import {
  batchSettings,
  limitSettings,
  resourceAttributes,
  samplerSettings,
  type BatchSettings,
  type LimitSettings,
  type SamplerSettings,
} from './span-config.js';
import { variable } from './variable.js';

/** Nothing in OpenTelemetry's variables keeps a role from starting, so any text is allowed here. */
const anything = z.string().optional();

/** The variables that turn tracing on and off. docs/tracing.md has all that are read. */
export const tracingFields = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(anything, {
    description:
      'The base URL of an OpenTelemetry collector (OTLP over HTTP), such as http://collector:4318, which turns tracing on.',
    must: 'must be an http or https URL: if it is not, a warning is logged, and tracing is off',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: variable(anything, {
    description:
      'The full URL for traces, such as http://collector:4318/v1/traces, which takes precedence and turns tracing on, too.',
    must: 'must be an http or https URL: if it is not, a warning is logged, and tracing is off',
  }),
  OTEL_SERVICE_NAME: variable(anything, {
    description:
      'The service name of the spans, by default rcs-delivery-worker, rcs-delivery-webhook or rcs-delivery-cli.',
    must: 'must be a name',
  }),
  OTEL_SDK_DISABLED: variable(anything, {
    description:
      'Turns tracing off with `true`. docs/tracing.md lists the other variables of OpenTelemetry that are read.',
    must: 'must be true or false: if it is not, a warning is logged, and it counts as false',
  }),
});

/** What OpenTelemetry's variables say. */
export interface TracingSettings {
  readonly otlp: OtlpSettings;
  readonly sampler: SamplerSettings;
  readonly batch: BatchSettings;
  readonly limits: LimitSettings;
  readonly resource: Readonly<Record<string, string>>;
  /** false: calls to Temporal carry no trace. */
  readonly propagate: boolean;
}

export interface TracingConfig {
  /** Undefined: tracing is off. */
  readonly tracing?: TracingSettings;
  /** What is wrong with OpenTelemetry's variables. */
  readonly tracingWarnings?: readonly string[];
}

/** Never throws: whatever is wrong with tracing, deliveries go on. */
export function tracingConfig(environment: Environment = process.env): TracingConfig {
  const variables = otelVariables(environment);
  const tracing = tracingSettings(variables);
  const { warnings } = variables;
  return {
    ...(tracing !== undefined && { tracing }),
    ...(warnings.length > 0 && { tracingWarnings: warnings.map((warning) => `tracing: ${warning}`) }),
  };
}

function tracingSettings(variables: OtelVariables): TracingSettings | undefined {
  if (!isOn(variables)) return undefined;
  const otlp = otlpSettings(variables);
  if (otlp === undefined) return undefined;
  return {
    otlp,
    sampler: samplerSettings(variables),
    batch: batchSettings(variables),
    limits: limitSettings(variables),
    resource: resourceAttributes(variables),
    propagate: propagates(variables),
  };
}

/** Unlike in OpenTelemetry's specification, tracing is off until an endpoint or an exporter is named. */
function isOn(variables: OtelVariables): boolean {
  const { word, list, warn } = variables;
  const name = 'OTEL_TRACES_EXPORTER';
  const exporters = list(name);
  if (exporters === undefined && !hasEndpoint(variables)) return false;
  if (word(['true', 'false'], 'OTEL_SDK_DISABLED') === 'true') return false;
  if (exporters === undefined) return true;
  if (exporters.includes('none')) {
    if (exporters.some((one) => one !== 'none')) warn(name, 'has none beside others, so tracing is off');
    return false;
  }
  const isOtlp = exporters.includes('otlp');
  if (!isOtlp) warn(name, 'names no exporter that is supported, so tracing is off: it must be otlp or none');
  else if (exporters.some((one) => one !== 'otlp')) warn(name, 'names exporters other than otlp, which are ignored');
  return isOtlp;
}

/** `baggage` is allowed, as it is in the default: no call has any. */
function propagates({ list, warn }: OtelVariables): boolean {
  const name = 'OTEL_PROPAGATORS';
  const propagators = list(name) ?? ['tracecontext'];
  if (propagators.some((one) => !['tracecontext', 'baggage', 'none'].includes(one))) {
    warn(name, 'names propagators other than tracecontext, baggage and none, which are ignored');
    return !propagators.includes('none');
  }
  return propagators.includes('tracecontext');
}
