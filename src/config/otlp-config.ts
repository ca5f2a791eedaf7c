import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { isLoopback } from './loopback.js';
import type { OtelVariables } from './otel-variables.js';

/** Where spans go, and how. */
export interface OtlpSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly gzip: boolean;
  readonly tls: OtlpTls;
}

/** PEM. */
interface OtlpTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
const DEFAULT_URL = 'http://localhost:4318/v1/traces';
const DEFAULT_TIMEOUT_MS = 10_000;

export const hasEndpoint = ({ find }: OtelVariables): boolean => find(TRACES, BASE) !== undefined;

/**
 * Undefined if spans could not arrive, or would arrive without what protects them. The warnings then say why tracing is
 * off.
 */
export function otlpSettings(variables: OtelVariables): OtlpSettings | undefined {
  const speaksHttp = protocolOf(variables);
  const url = urlOf(variables);
  const headers = headersOf(variables);
  const tls = tlsOf(variables);
  const timeoutMs = variables.count(1, ...both('TIMEOUT')) ?? DEFAULT_TIMEOUT_MS;
  const gzip = variables.word(['gzip', 'none'], ...both('COMPRESSION')) === 'gzip';
  if (!speaksHttp || url === undefined || headers === undefined || tls === undefined) return undefined;
  warnOfCleartext(variables, { url, headers });
  return { url, headers, timeoutMs, gzip, tls };
}

const both = (name: string) => [`OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`] as const;

/** False for gRPC: its collector listens on another port, and would understand nothing. */
function protocolOf({ find, warn }: OtelVariables): boolean {
  const { name, value } = find(...both('PROTOCOL')) ?? { name: '', value: 'http/protobuf' };
  const protocol = value.toLowerCase();
  if (protocol === 'grpc') {
    warn(name, 'is grpc, which is not supported, so tracing is off: use http/protobuf, usually with port 4318');
    return false;
  }
  if (protocol === 'http/json') warn(name, 'is http/json, which is not supported: http/protobuf is used');
  else if (protocol !== 'http/protobuf') warn(name, 'is ignored: it must be http/protobuf');
  return true;
}

/** The variable for traces is the whole URL. v1/traces is added to the path of the other one. */
function urlOf({ find, warn }: OtelVariables): string | undefined {
  const { name, value } = find(TRACES, BASE) ?? { name: TRACES, value: DEFAULT_URL };
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    warn(name, 'is no http or https URL, such as http://collector:4318, so tracing is off');
    return undefined;
  }
  url.hash = '';
  if (name === BASE) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url.href;
}

/** Headers hold a collector's key. A collector on a safe network usually needs none. */
function warnOfCleartext({ find, warn }: OtelVariables, { url, headers }: Pick<OtlpSettings, 'url' | 'headers'>): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || Object.keys(headers).length === 0 || isLoopback(hostname)) return;
  warn(
    find(TRACES, BASE)?.name ?? TRACES,
    'is http, so everybody on the way can read the headers of OTEL_EXPORTER_OTLP_HEADERS',
  );
}

/** Those of both variables. A name in the variable for traces takes precedence. */
function headersOf({ find, warn }: OtelVariables): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const name of both('HEADERS').toReversed()) {
    try {
      Object.assign(headers, parsedHeaders(find(name)?.value ?? ''));
    } catch {
      warn(name, 'must be headers of the form name=value, separated by commas, so tracing is off');
      return undefined;
    }
  }
  return headers;
}

/** RFC 9110's tokens, and the characters that Node sends in a header. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
const HEADER_VALUE = /^[\t\u{20}-\u{7e}\u{80}-\u{ff}]*$/u;

/** Throws if one is no header. `name=value;…` is allowed, and what follows the semicolon means nothing. */
function parsedHeaders(list: string): Record<string, string> {
  const pairs = list.split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name = '', value = ''] = /^([^=;]*)=([^;]*)/.exec(pair) ?? [];
      const header = [decodeURIComponent(name.trim()).toLowerCase(), decodeURIComponent(value.trim())] as const;
      if (!HEADER_NAME.test(header[0]) || !HEADER_VALUE.test(header[1])) throw new Error('no header');
      return header;
    }),
  );
}

function tlsOf({ find, warn }: OtelVariables): OtlpTls | undefined {
  const files = { ca: both('CERTIFICATE'), cert: both('CLIENT_CERTIFICATE'), key: both('CLIENT_KEY') };
  const named = Object.entries(files).flatMap(([part, names]) => {
    const found = find(...names);
    return found === undefined ? [] : [{ part, ...found }];
  });
  const tls: OtlpTls = {};
  for (const { part, name, value } of named) {
    try {
      Object.assign(tls, { [part]: readFileSync(value) });
    } catch {
      warn(name, 'is no readable file, so tracing is off');
      return undefined;
    }
  }
  try {
    createSecureContext(tls);
    return tls;
  } catch {
    warn(named.map(({ name }) => name).join(', '), 'must hold PEM, and the key its certificate, so tracing is off');
    return undefined;
  }
}
