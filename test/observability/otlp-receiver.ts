import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';

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
  readonly requests: { readonly path: string | undefined; readonly headers: IncomingHttpHeaders }[];
  stop(): Promise<void>;
}

type Any = { readonly stringValue?: string; readonly intValue?: { toString(): string } };
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

/** What these tests read of OTLP's messages (opentelemetry-proto, v1). */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    bytes parent_span_id = 4;
    string name = 5;
    fixed64 start_time_unix_nano = 7;
    fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9;
    repeated Link links = 13;
    Status status = 15;
  }
  message Link { bytes trace_id = 1; bytes span_id = 2; }
  message Status { int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; int64 int_value = 3; } }
`);
const requestType = root.lookupType('Request');
const decoded = (body: Uint8Array) => requestType.decode(body) as unknown as Request;
const ERROR = 2;

/** Starts an OTLP receiver over HTTP, as a collector is at /v1/traces. */
export async function startOtlpReceiver(path = '/v1/traces'): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const raw: Buffer[] = [];
  const requests: OtlpReceiver['requests'] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((sent) => {
      const { url, headers } = request;
      requests.push({ path: url, headers });
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      raw.push(body);
      spans.push(...spansIn(body));
      response.writeHead(url === path ? 200 : 404).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    spans,
    raw,
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function spansIn(body: Uint8Array): ReceivedSpan[] {
  return decoded(body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
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
