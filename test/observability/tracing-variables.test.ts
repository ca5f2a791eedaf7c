import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { trace } from '@opentelemetry/api';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../dev/temporal/free-port.js';
import { tracingConfig } from '../../src/config/tracing-config.js';
import { startTracing } from '../../src/observability/tracing.js';
import { endAll, run, serve } from '../cli/program.js';
import { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.js';

const SECRET = 'S3cretValue';
afterEach(endAll);

async function receiverAt(path?: string): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver(path);
  onTestFinished(() => receiver.stop());
  return receiver;
}

/** Exports one span, and one inside it, as these variables say. Returns the lines that were logged. */
async function exportSpans(variables: Record<string, string>): Promise<string[]> {
  const lines: string[] = [];
  const log = (...parts: unknown[]) => lines.push(JSON.stringify(parts));
  const { tracing, tracingWarnings } = tracingConfig(variables);
  expect(tracingWarnings).toBeUndefined();
  if (tracing === undefined) throw new Error('tracing is off');
  const { tracer, stop } = startTracing(tracing, { serviceName: 'of-the-role', logger: { warn: log, info: log } });
  tracer.startActiveSpan('outer', (outer) => {
    tracer.startSpan('inner', { attributes: { long: 'x'.repeat(50) } }).end();
    outer.end();
  });
  await stop();
  expect(trace.getActiveSpan()).toBeUndefined();
  return lines;
}

describe('OpenTelemetry’s variables', () => {
  test('the path of the endpoint, headers, gzip, the service and limits are as they say', async () => {
    const receiver = await receiverAt('/team/v1/traces');
    const logged = await exportSpans({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/team/`,
      OTEL_EXPORTER_OTLP_HEADERS: `api-key=${SECRET},x-tenant=a`,
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=b',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-attributes',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '10',
    });
    expect(logged).toEqual([]);
    expect(receiver.requests).toEqual([
      {
        path: '/team/v1/traces',
        headers: expect.objectContaining({
          'api-key': SECRET,
          'x-tenant': 'b',
          'content-encoding': 'gzip',
          'content-type': 'application/x-protobuf',
        }) as object,
      },
    ]);
    const [outer, inner] = ['outer', 'inner'].map((name) => receiver.spans.find((span) => span.name === name));
    expect(inner).toMatchObject({
      service: 'from-attributes',
      parentSpanId: outer?.spanId,
      attributes: { long: 'x'.repeat(10) },
    });
  });

  test('the service has the name of its role, unless OTEL_SERVICE_NAME is set', async () => {
    const receiver = await receiverAt();
    const endpoint = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces` };
    await exportSpans(endpoint);
    await exportSpans({ ...endpoint, OTEL_SERVICE_NAME: 'mine' });
    expect(receiver.spans.map(({ service }) => service)).toEqual(['of-the-role', 'of-the-role', 'mine', 'mine']);
  });

  test.each([
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }, 2],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, 2],
  ])('with %j, %i spans are exported', async (sampler, spans) => {
    const receiver = await receiverAt();
    await exportSpans({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...sampler });
    expect(receiver.spans).toHaveLength(spans);
  });

  test('a collector that wants certificates gets the client’s, and its own is checked', async () => {
    const { cert, key } = certificate();
    const peers: unknown[] = [];
    const pem = { cert: readFileSync(cert), key: readFileSync(key) };
    const server = createServer({ ...pem, ca: pem.cert, requestCert: true }, (request, response) => {
      peers.push((request.socket as TLSSocket).authorized);
      request.resume().on('end', () => response.end());
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: `https://127.0.0.1:${String(port)}` };

    expect((await exportSpans(endpoint)).join()).toContain('self-signed certificate');
    const files = {
      OTEL_EXPORTER_OTLP_CERTIFICATE: cert,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert,
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: key,
    };
    expect(await exportSpans({ ...endpoint, ...files })).toEqual([]);
    expect(peers).toEqual([true]);
  });
});

/** A certificate for this machine that signs itself. */
function certificate(): { readonly cert: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'collector-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-nodes', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  });
  return { cert, key };
}

describe('a role with a variable that can’t be used', () => {
  test.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `https://user:${SECRET}@` }, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_HEADERS: `Authorization: ${SECRET}=` },
      'OTEL_EXPORTER_OTLP_HEADERS',
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_CERTIFICATE: '/missing.pem' },
      'OTEL_EXPORTER_OTLP_CERTIFICATE',
    ],
  ])('%j: starts, and logs one warning without the value', async (variables, name) => {
    const unreachable = { TEMPORAL_ADDRESS: `127.0.0.1:${String(await freePort())}` };
    const env = { ...unreachable, ...variables };
    const webhook = serve(['webhook'], { ...env, RBM_WEBHOOK_CLIENT_TOKEN: 'token', WEBHOOK_PORT: '0' });
    await webhook.said('webhook listening');
    const warnings = () => webhook.log.filter(({ msg }) => String(msg).startsWith(`tracing: ${name} `));
    expect(warnings()).toEqual([expect.objectContaining({ level: 'warn' })]);
    const { code, stdout, stderr } = await webhook.end();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain(SECRET);

    const worker = serve(['worker'], env);
    await expect.poll(() => worker.log.map(({ msg }) => String(msg))).toContainEqual(warnings()[0]?.['msg']);
    await worker.end();

    const sent = await run(['send', '--agent', 'acme', '--to', '+15550100001', '--text', 'x', '--ttl', '60s'], env);
    expect(sent.stderr).toContain(`rcs-delivery: tracing: ${name} `);
    expect(sent.stderr + sent.stdout).not.toContain(SECRET);
    expect(sent.code).toBe(4);
  });
});
