import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readStarterConfig } from '../../src/config/client-config.js';
import { tracingConfig } from '../../src/config/tracing-config.js';
import { readWebhookConfig } from '../../src/config/webhook-config.js';
import { readWorkerConfig } from '../../src/config/worker-config.js';

const SECRET = 'S3cretValue';
const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const withCollector = (variables: Record<string, string>) => tracingConfig({ ...collector, ...variables });
const urlOf = (variables: Record<string, string>) => tracingConfig(variables).tracing?.otlp.url;

/** The variable that the only warning is about. */
function warnedOf({ tracingWarnings = [] }: ReturnType<typeof tracingConfig>): string {
  expect(tracingWarnings).toHaveLength(1);
  expect(tracingWarnings.join()).not.toContain(SECRET);
  return /^tracing: (OTEL_\w+)/.exec(tracingWarnings[0] ?? '')?.[1] ?? '';
}

describe('whether tracing is on', () => {
  test.each<[string, Record<string, string>]>([
    ['nothing is set', {}],
    ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['the endpoint is white space', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ' ' }],
    ['the SDK is disabled', { ...collector, OTEL_SDK_DISABLED: 'True' }],
    ['the exporter is none', { ...collector, OTEL_TRACES_EXPORTER: 'none' }],
    ['only other variables are set', { OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'wrong' }],
  ])('off without a word: %s', (_, variables) => {
    expect(tracingConfig(variables)).toEqual({});
  });

  test.each<[Record<string, string>, string]>([
    [collector, 'http://collector:4318/v1/traces'],
    [{ ...collector, OTEL_SDK_DISABLED: 'false' }, 'http://collector:4318/v1/traces'],
    [{ ...collector, OTEL_TRACES_EXPORTER: 'OTLP' }, 'http://collector:4318/v1/traces'],
    [{ ...collector, OTEL_TRACES_EXPORTER: '' }, 'http://collector:4318/v1/traces'],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/traces'],
  ])('%j: on', (variables, url) => {
    const { tracing, tracingWarnings } = tracingConfig(variables);
    expect([tracing?.otlp.url, tracingWarnings]).toEqual([url, undefined]);
  });

  test.each<[string, string, boolean]>([
    ['OTEL_SDK_DISABLED', 'yes', true],
    ['OTEL_TRACES_EXPORTER', 'otlp,console', true],
    ['OTEL_TRACES_EXPORTER', 'console', false],
    ['OTEL_TRACES_EXPORTER', 'zipkin, console', false],
    ['OTEL_TRACES_EXPORTER', 'none,otlp', false],
  ])('%s=%s: a warning', (name, value, on) => {
    const config = withCollector({ [name]: value });
    expect([config.tracing !== undefined, warnedOf(config)]).toEqual([on, name]);
  });
});

describe('where spans go', () => {
  test.each([
    ['http://collector:4318/', 'http://collector:4318/v1/traces'],
    ['http://collector:4318/otlp', 'http://collector:4318/otlp/v1/traces'],
    ['https://collector/a/b/', 'https://collector/a/b/v1/traces'],
    ['"http://collector:4318"', 'http://collector:4318/v1/traces'],
    [' HTTP://Collector:4318 ', 'http://collector:4318/v1/traces'],
    ['http://[::1]:4318?tenant=a', 'http://[::1]:4318/v1/traces?tenant=a'],
  ])('%s: v1/traces is added to the path', (endpoint, url) => {
    expect(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toBe(url);
  });

  test('the URL for traces is taken as it is, and takes precedence unless it is empty', () => {
    const name = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
    expect(urlOf({ ...collector, [name]: 'http://other:9/own/path' })).toBe('http://other:9/own/path');
    expect(urlOf({ [name]: 'http://other:9' })).toBe('http://other:9/');
    expect(urlOf({ ...collector, [name]: ' ' })).toBe('http://collector:4318/v1/traces');
  });

  test.each([
    'collector:4317',
    'localhost:4318',
    'collector',
    '//collector:4318',
    'grpc://collector:4317',
    'unix:///run/otel.sock',
    '"http://collector:4318',
    'http://',
    'http://collector:99999',
    `http s://${SECRET}@collector`,
  ])('%s: tracing is off, and a warning says why', (endpoint) => {
    for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
      const config = tracingConfig({ [name]: endpoint });
      expect([config.tracing, warnedOf(config)]).toEqual([undefined, name]);
    }
  });

  test.each<[string, boolean, number]>([
    ['http/protobuf', true, 0],
    ['HTTP/Protobuf', true, 0],
    ['', true, 0],
    ['http/json', true, 1],
    ['carrier-pigeon', true, 1],
    ['grpc', false, 1],
    ['GRPC', false, 1],
  ])('the protocol %s', (protocol, on, warnings) => {
    for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL']) {
      const { tracing, tracingWarnings = [] } = withCollector({ [name]: protocol });
      expect([tracing !== undefined, tracingWarnings.length]).toEqual([on, warnings]);
    }
  });

  test('reads headers, and those for traces take precedence', () => {
    const { tracing } = withCollector({
      OTEL_EXPORTER_OTLP_HEADERS: `api-key=${SECRET}, x-tenant=a , authorization=Basic dXNlcg==,,`,
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'X-Tenant=b%20c',
    });
    expect(tracing?.otlp.headers).toEqual({
      'api-key': SECRET,
      'x-tenant': 'b c',
      authorization: 'Basic dXNlcg==',
    });
  });

  test.each([
    ['http://collector:4318', true],
    ['https://collector:4318', false],
    ['http://127.0.0.1:4318', false],
  ])('warns of headers to %s: %s', (OTEL_EXPORTER_OTLP_ENDPOINT, warns) => {
    const config = tracingConfig({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: `api-key=${SECRET}` });
    expect(config.tracing?.otlp.headers).toEqual({ 'api-key': SECRET });
    if (warns) expect(warnedOf(config)).toBe('OTEL_EXPORTER_OTLP_ENDPOINT');
    else expect(config.tracingWarnings).toBeUndefined();
  });

  test.each([
    `Authorization: Bearer ${SECRET}`,
    `Authorization: Basic ${SECRET}=`,
    `=${SECRET}`,
    SECRET,
    `api-key=${SECRET}%`,
    `api-key=${SECRET}%0A`,
    `api-key=${SECRET}%E2%82%AC`,
  ])('%s as headers: tracing is off, and the warning does not repeat it', (headers) => {
    for (const name of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
      const config = withCollector({ [name]: headers });
      expect([config.tracing, warnedOf(config)]).toEqual([undefined, name]);
    }
  });

  test('reads the timeout and the compression', () => {
    expect(withCollector({}).tracing?.otlp).toMatchObject({ timeoutMs: 10_000, gzip: false });
    const general = { OTEL_EXPORTER_OTLP_TIMEOUT: '500', OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP' };
    expect(withCollector(general).tracing?.otlp).toMatchObject({ timeoutMs: 500, gzip: true });
    const own = { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '700', OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'none' };
    expect(withCollector({ ...general, ...own }).tracing?.otlp).toMatchObject({ timeoutMs: 700, gzip: false });
  });

  test.each([
    ['OTEL_EXPORTER_OTLP_CERTIFICATE', '/does/not/exist.pem'],
    ['OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY', tmpdir()],
    ['OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', fileWith('no PEM')],
    ['OTEL_EXPORTER_OTLP_CLIENT_KEY', fileWith(`-----BEGIN PRIVATE KEY-----\n${SECRET}`)],
  ])('%s=%s: tracing is off, and a warning says why', (name, file) => {
    const config = withCollector({ [name]: file });
    expect([config.tracing, warnedOf(config)]).toEqual([undefined, name]);
  });
});

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tracing-config-')), 'file.pem');
  writeFileSync(file, text);
  return file;
}

describe('what is traced, and how', () => {
  test('has the defaults of the specification', () => {
    expect(withCollector({})).toEqual({
      tracing: {
        otlp: {
          url: 'http://collector:4318/v1/traces',
          headers: {},
          timeoutMs: 10_000,
          gzip: false,
          tls: {},
        },
        sampler: { parentBased: true, root: 'always', ratio: 1 },
        batch: {
          scheduledDelayMillis: 5_000,
          exportTimeoutMillis: 30_000,
          maxQueueSize: 2_048,
          maxExportBatchSize: 512,
        },
        limits: {
          attributeCountLimit: 128,
          attributeValueLengthLimit: Infinity,
          eventCountLimit: 128,
          linkCountLimit: 128,
          attributePerEventCountLimit: 128,
          attributePerLinkCountLimit: 128,
        },
        resource: {},
        propagate: true,
      },
    });
  });

  test.each<[string, string | undefined, object]>([
    ['always_off', undefined, { parentBased: false, root: 'never' }],
    ['Always_On', '0.1', { parentBased: false, root: 'always' }],
    ['traceidratio', '0.25', { parentBased: false, root: 'ratio', ratio: 0.25 }],
    ['traceidratio', undefined, { parentBased: false, root: 'ratio', ratio: 1 }],
    ['parentbased_traceidratio', '0', { parentBased: true, root: 'ratio', ratio: 0 }],
    ['parentbased_always_off', undefined, { parentBased: true, root: 'never' }],
  ])('the sampler %s with %s', (sampler, argument, expected) => {
    const arg = argument === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: argument };
    const { tracing, tracingWarnings } = withCollector({ OTEL_TRACES_SAMPLER: sampler, ...arg });
    expect(tracing?.sampler).toMatchObject(expected);
    expect(tracingWarnings).toBeUndefined();
  });

  test.each([
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER', SECRET],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '0'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'snappy'],
    ['OTEL_BSP_SCHEDULE_DELAY', '-1'],
    ['OTEL_BSP_EXPORT_TIMEOUT', '1e9'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '99999999999'],
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', SECRET],
    ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '1.5'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=b,c'],
    ['OTEL_RESOURCE_ATTRIBUTES', `a=b=${SECRET}`],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=%'],
    ['OTEL_PROPAGATORS', 'b3'],
  ])('%s=%s is reported and counts as unset', (name, value) => {
    const config = withCollector({ [name]: value });
    expect(warnedOf(config)).toBe(name);
    expect(config.tracing).toEqual(withCollector({}).tracing);
  });

  test('reports a wrong argument of a sampler', () => {
    for (const ratio of ['1.1', '-0.1', 'half']) {
      const config = withCollector({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: ratio });
      expect([warnedOf(config), config.tracing?.sampler.ratio]).toEqual(['OTEL_TRACES_SAMPLER_ARG', 1]);
    }
  });

  test('a batch is never larger than the queue', () => {
    const small = { OTEL_BSP_MAX_QUEUE_SIZE: '100' };
    expect(withCollector(small).tracing?.batch.maxExportBatchSize).toBe(100);
    const config = withCollector({ ...small, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '200' });
    expect([config.tracing?.batch.maxExportBatchSize, warnedOf(config)]).toEqual([
      100,
      'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
    ]);
  });

  test('reads the attributes of the process, and OTEL_SERVICE_NAME takes precedence', () => {
    const attributes = { OTEL_RESOURCE_ATTRIBUTES: ' deployment.environment = test ,service.name=one,a%3Db=c%2Cd,' };
    expect(withCollector(attributes).tracing?.resource).toEqual({
      'deployment.environment': 'test',
      'service.name': 'one',
      'a=b': 'c,d',
    });
    expect(withCollector({ ...attributes, OTEL_SERVICE_NAME: 'two' }).tracing?.resource['service.name']).toBe('two');
  });

  test.each<[string, boolean]>([
    ['tracecontext', true],
    ['TraceContext, baggage', true],
    ['none', false],
    ['baggage', false],
  ])('the propagators %s', (propagators, propagate) => {
    const { tracing, tracingWarnings } = withCollector({ OTEL_PROPAGATORS: propagators });
    expect([tracing?.propagate, tracingWarnings]).toEqual([propagate, undefined]);
  });
});

test('no value of OpenTelemetry’s variables keeps a role from starting', () => {
  const names = [
    ...['', 'TRACES_'].flatMap((traces) =>
      ['ENDPOINT', 'PROTOCOL', 'HEADERS', 'TIMEOUT', 'COMPRESSION', 'CERTIFICATE', 'CLIENT_KEY'].map(
        (name) => `OTEL_EXPORTER_OTLP_${traces}${name}`,
      ),
    ),
    ...['SDK_DISABLED', 'TRACES_EXPORTER', 'TRACES_SAMPLER', 'TRACES_SAMPLER_ARG', 'RESOURCE_ATTRIBUTES'],
    ...['SERVICE_NAME', 'PROPAGATORS', 'BSP_SCHEDULE_DELAY', 'BSP_MAX_QUEUE_SIZE', 'SPAN_LINK_COUNT_LIMIT'],
  ].map((name) => (name.startsWith('OTEL_') ? name : `OTEL_${name}`));
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('grpc', 'true', 'none', 'otlp', 'a=b', 'http://collector:4318', 'collector:4317', '-1', '%'),
  );
  const environments = fc.dictionary(fc.constantFrom(...names), value);
  fc.assert(
    fc.property(environments, (environment) => {
      for (const read of [readWorkerConfig, readStarterConfig]) read(environment);
      readWebhookConfig({ ...environment, RBM_WEBHOOK_CLIENT_TOKEN: 'token' });
    }),
    { numRuns: 40 },
  );
});
