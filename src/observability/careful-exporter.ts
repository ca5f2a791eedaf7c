import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from './logger.js';
import { redactText } from './redact.js';

/** Their texts are a library's; which error it was stands in `exception.type`. */
const DROPPED = new Set(['exception.stacktrace']);

/**
 * An exporter under the rule that spans tell ids only: the last net, like that of the logs. And one that says so when it
 * can't export, which OpenTelemetry keeps to itself: once, not with every batch.
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

/** A ReadableSpan is an object with getters in its class: only what is replaced is our own. */
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
