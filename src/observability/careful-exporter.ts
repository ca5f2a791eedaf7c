import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from './logger.js';
import { redactText } from './redact.js';

/** Stack traces hold texts of libraries. `exception.type` still says which error it was. */
const DROPPED = new Set(['exception.stacktrace']);

/**
 * Wraps an exporter. Redacts phone numbers and credentials in spans, as redact.ts does in logs. Logs once when spans can't
 * be exported, and once when they can again; OpenTelemetry itself reports neither.
 */
export function carefulExporter(exporter: SpanExporter, logger?: Pick<Logger, 'warn' | 'info'>): SpanExporter {
  let failing = false;
  const notice = ({ code, error }: ExportResult) => {
    const failed = code === ExportResultCode.FAILED;
    if (failed && !failing) logger?.warn({ reason: error?.message }, 'traces cannot be exported');
    if (!failed && failing) logger?.info('traces are exported again');
    failing = failed;
  };
  return {
    export: (spans, done) => {
      exporter.export(spans.map(redacted), (result) => {
        notice(result);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  };
}

/** Overrides three properties and inherits the others: a ReadableSpan's getters are in its class, so a spread loses them. */
function redacted(span: ReadableSpan): ReadableSpan {
  const { message } = span.status;
  return Object.create(span, {
    attributes: { value: redactedAttributes(span.attributes) },
    status: { value: { ...span.status, ...(message !== undefined && { message: redactText(message) }) } },
    events: {
      value: span.events.map((event) => ({ ...event, attributes: redactedAttributes(event.attributes ?? {}) })),
    },
  }) as ReadableSpan;
}

function redactedAttributes(attributes: Attributes): Attributes {
  const kept = Object.entries(attributes).filter(([name]) => !DROPPED.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, redactedValue(value)]));
}

function redactedValue(value: AttributeValue | undefined): AttributeValue | undefined {
  return typeof value === 'string' ? redactText(value) : value;
}
