import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';

/** A received span. Ids are in hex. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty if there is none. */
  readonly parentSpanId: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
  /** Nanoseconds. */
  readonly start: bigint;
  readonly end: bigint;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** All bytes that were received. */
  readonly raw: Buffer[];
  stop(): Promise<void>;
}

type Any = { readonly stringValue?: string; readonly intValue?: unknown };
type Attribute = { readonly key: string; readonly value: Any };
interface Span {
  readonly name: string;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId?: Uint8Array;
  readonly links: readonly { readonly traceId: Uint8Array; readonly spanId: Uint8Array }[];
  readonly attributes: readonly Attribute[];
  readonly status?: { readonly code?: number };
  readonly startTimeUnixNano: { toString(): string };
  readonly endTimeUnixNano: { toString(): string };
}
interface Request {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

/** OTLP's protobuf messages, as OpenTelemetry's exporter defines them. */
const { opentelemetry } = createRequire(import.meta.url)(
  '@opentelemetry/otlp-transformer/build/src/generated/root',
) as {
  opentelemetry: {
    proto: { collector: { trace: { v1: { ExportTraceServiceRequest: { decode(bytes: Uint8Array): Request } } } } };
  };
};
const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;
const ERROR = 2;

/** Starts an OTLP receiver over HTTP, as a collector at /v1/traces. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const raw: Buffer[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      raw.push(body);
      spans.push(...spansIn(body));
      response.writeHead(request.url === '/v1/traces' ? 200 : 404).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    spans,
    raw,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function spansIn(body: Uint8Array): ReceivedSpan[] {
  return ExportTraceServiceRequest.decode(body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map((span) => ({
        service: String(attributesIn(resource.attributes)['service.name']),
        name: span.name,
        ...idsOf(span),
        parentSpanId: hex(span.parentSpanId ?? new Uint8Array()),
        links: span.links.map(idsOf),
        attributes: attributesIn(span.attributes),
        failed: span.status?.code === ERROR,
        start: BigInt(span.startTimeUnixNano.toString()),
        end: BigInt(span.endTimeUnixNano.toString()),
      })),
    ),
  );
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const idsOf = ({ traceId, spanId }: Pick<Span, 'traceId' | 'spanId'>) => ({
  traceId: hex(traceId),
  spanId: hex(spanId),
});
const attributesIn = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
