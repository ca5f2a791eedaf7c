import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { logWarnings } from '../../src/observability/log-warnings.js';
import { createLogger } from '../../src/observability/logger.js';
import { temporalLogging } from '../../src/observability/temporal-logger.js';

function capture(level = 'trace') {
  const lines: string[] = [];
  const logger = createLogger({ level, role: 'worker', destination: { write: (line) => void lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> };
}

const ID = 'message-delivery:acme:01234567-1234-4123-8123-123456789012';

describe('a log line', () => {
  test('is one JSON object with the level as a word and an ISO time', () => {
    const { logger, lines, last } = capture();
    logger.info({ workflowId: ID, attempt: 3 }, 'revoking');
    expect(lines).toEqual([expect.stringMatching(/^\{.*\}\n$/) as string]);
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      role: 'worker',
      workflowId: ID,
      attempt: 3,
      msg: 'revoking',
    });
  });

  test('is not written below the level', () => {
    const { logger, lines } = capture('warn');
    logger.info('quiet');
    expect(lines).toEqual([]);
  });

  test.each([
    'refused +15550100001 for good',
    'to:+1 (555) 010-0001',
    '/v1/phones/%2B15550100001/agentMessages',
    'number 15550100001',
    'numbers "4915550100001", 015550100001',
  ])('holds no phone number: %s', (text) => {
    const { logger, lines } = capture();
    logger.warn({ reason: text, nested: { list: [text] } }, text);
    logger.error(new Error(text), 'failed');
    logger.child({ call: text }).info('child');
    expect(lines).toHaveLength(3);
    expect(lines.join('').replaceAll(/[\s().-]/g, '')).not.toMatch(/55501000|5550100001/);
    expect(lines.join('')).toContain('[redacted]');
  });

  test.each([
    ID,
    '2026-11-21T01:34:15.225Z',
    'gRPC status 14 at 127.0.0.1:7233',
    'MG0123456789abcdef0123456789012345',
    'took 123456 ms',
    '019af4c2-1111-7222-8333-123456789012',
  ])('keeps what is no phone number: %s', (text) => {
    const { logger, last } = capture();
    logger.info({ reason: text }, text);
    expect(last()).toMatchObject({ reason: text, msg: text });
  });

  test('contains no secret and no message content, at any depth', () => {
    const { logger, lines, last } = capture();
    const secret = 'xx-secret';
    const fields = {
      authToken: secret,
      SMS_HTTP_TOKEN: secret,
      apiKey: secret,
      private_key: secret,
      recipient: secret,
      contentMessage: { text: secret },
      request: { headers: { authorization: secret, cookie: secret }, body: secret, to: secret, text: secret },
    };
    logger.info(fields, `sent with Bearer ${secret} and whsec_eHgtc2VjcmV0`);
    expect(lines.join('')).not.toMatch(/xx-secret|eHgtc2VjcmV0/);
    expect(last()).toMatchObject({ request: { headers: { authorization: '[redacted]' } } });
  });

  test('keeps an error with its stack, as `err` and as `error`', () => {
    const { logger, last } = capture();
    const error = ApplicationFailure.create({ message: 'refused +15550100001', type: 'SmsRefused' });
    for (const fields of [{ error }, { err: error }]) {
      logger.error(fields, 'activity failed');
      const [shown] = Object.values(last()).filter((value) => typeof value === 'object');
      expect(shown).toMatchObject({
        message: expect.stringContaining('refused [redacted]') as string,
        stack: expect.stringContaining('logger.test.ts') as string,
      });
    }
  });
});

describe("Temporal's logs", () => {
  test('go through the same logger, with their fields', () => {
    const { logger, last } = capture();
    const sink = temporalLogging(logger).logger;
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      sink[level]('Activity failed', { workflowId: ID, sdkComponent: 'activity' });
      expect(last()).toMatchObject({ level, msg: 'Activity failed', workflowId: ID, sdkComponent: 'activity' });
    }
    sink.warn('no meta');
    expect(last()).toMatchObject({ level: 'warn', msg: 'no meta' });
  });

  test('about the SDK’s internals have level debug, and those of a workflow do not', () => {
    const { logger, last } = capture();
    const sink = temporalLogging(logger).logger;
    sink.info('Worker state changed', { state: 'RUNNING', sdkComponent: 'worker' });
    expect(last()).toMatchObject({ level: 'debug', msg: 'Worker state changed' });
    sink.info('delivery ended', { sdkComponent: 'workflow' });
    expect(last()).toMatchObject({ level: 'info' });
    sink.warn('something is wrong', { sdkComponent: 'worker' });
    expect(last()).toMatchObject({ level: 'warn' });
  });

  test('about an expected failure of an attempt are one short debug line, and an unexpected one keeps its stack', () => {
    const { logger, lines, last } = capture();
    const sink = temporalLogging(logger).logger;
    const expected = ApplicationFailure.create({ type: 'RbmNotSent', message: 'RBM was not reached: ECONNREFUSED' });
    sink.warn('Activity failed', { error: expected, workflowId: ID, attempt: 2, sdkComponent: 'activity' });
    expect(last()).toEqual({
      ...{ level: 'debug', time: expect.any(String) as string, role: 'worker', msg: 'Activity failed' },
      ...{ workflowId: ID, attempt: 2, sdkComponent: 'activity' },
      ...{ failure: 'RbmNotSent', reason: 'RBM was not reached: ECONNREFUSED' },
    });
    const foreign = ApplicationFailure.create({ type: 'TypeError', message: 'a bug' });
    for (const error of [new TypeError('a bug'), foreign]) {
      sink.warn('Activity failed', { error, workflowId: ID });
      expect(last()).toMatchObject({ level: 'warn', error: { stack: expect.stringContaining('test.ts') as string } });
    }
    expect(lines).toHaveLength(3);
  });

  test('about a task that could not be read hold nothing of it', () => {
    const { logger, lines, last } = capture();
    const sink = temporalLogging(logger).logger;
    const text = 'Your code is 482913';
    const error = ApplicationFailure.fromError(new SyntaxError(`Unexpected token in "${text}"`), { message: text });
    const task = { task: JSON.stringify({ text }), taskEncoded: Buffer.from(text).toString('base64') };
    sink.error(`Error while processing ActivityTask.start: ${text}`, { workflowId: ID, error, ...task });
    expect(last()).toEqual({
      ...{ level: 'error', time: expect.any(String) as string, role: 'worker', workflowId: ID, failure: 'SyntaxError' },
      msg: 'Could not read the input of an activity',
    });
    expect(lines.join('')).not.toMatch(/482913|WW91ciBj/);
  });

  test('have the same level, and the SDK’s core logs one level less', () => {
    const { logger, lines } = capture('warn');
    temporalLogging(logger).logger.info('quiet');
    expect(lines).toEqual([]);
    const filter = (level: string) => temporalLogging(capture(level).logger).telemetryOptions.logging?.filter;
    expect(filter('info')).toEqual({ core: 'WARN', other: 'ERROR' });
    expect(filter('debug')).toEqual({ core: 'INFO', other: 'ERROR' });
  });

  test('are never at trace level, because there they would contain payloads', () => {
    const { logger, lines } = capture('trace');
    const { logger: sink, telemetryOptions } = temporalLogging(logger);
    sink.trace('activation');
    expect(lines).toEqual([]);
    expect(telemetryOptions.logging?.filter).toEqual({ core: 'INFO', other: 'ERROR' });
  });
});

test("Node's warnings are written as log lines only", () => {
  const others = process.listeners('warning');
  const { logger, lines, last } = capture();
  try {
    logWarnings(logger);
    expect(process.listenerCount('warning')).toBe(1);
    process.emit('warning', Object.assign(new Error('about +15550100001'), { name: 'SomeWarning' }));
  } finally {
    process.removeAllListeners('warning');
    for (const listener of others) process.on('warning', listener);
  }
  expect(lines).toHaveLength(1);
  expect(last()).toMatchObject({ level: 'warn', warning: 'SomeWarning', reason: 'about [redacted]' });
});

test('a missing metadata server is reported with the missing token, not at every look-up', () => {
  const others = process.listeners('warning');
  const { logger, last } = capture();
  try {
    logWarnings(logger);
    process.emit('warning', Object.assign(new Error('received unexpected error'), { name: 'MetadataLookupWarning' }));
  } finally {
    process.removeAllListeners('warning');
    for (const listener of others) process.on('warning', listener);
  }
  expect(last()).toMatchObject({ level: 'debug', warning: 'MetadataLookupWarning' });
});
