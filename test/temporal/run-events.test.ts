import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { describe, expect, test } from 'vitest';
import { createPayloadCodec } from '../../src/encryption/payload-codec.js';
import { createPayloadReader } from '../../src/temporal/payload-reader.js';
import { readEvent } from '../../src/temporal/run-events.js';
import { testKeys } from '../encryption/test-keys.js';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const converter = {
  payloadConverter: defaultPayloadConverter,
  failureConverter: defaultFailureConverter,
  payloadCodecs: [],
};
const reader = createPayloadReader(converter);
const payloads = (...values: readonly unknown[]) => ({
  payloads: values.map((value) => defaultPayloadConverter.toPayload(value)),
});
const text = (encoding: string, data: string) => ({
  payloads: [{ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) }],
});
const at: object = { eventTime: { seconds: 1_767_323_045, nanos: 678_900_000 } };
const read = (event: object) => readEvent({ ...at, ...event }, reader);
const signal = (signalName: string, input: unknown) => ({
  workflowExecutionSignaledEventAttributes: { signalName, input },
});
const timedOut = (failure: object) => ({ activityTaskTimedOutEventAttributes: { failure } });
const localMarker = (data: unknown, given: object) => ({
  markerRecordedEventAttributes: {
    markerName: 'core_local_activity',
    details: { data: payloads(data), ...('result' in given && { result: given.result }) },
    ...('failure' in given && { failure: given.failure }),
  },
});

test('a time, and the same key for the same event', async () => {
  const cancelled = { workflowExecutionCancelRequestedEventAttributes: {}, eventType: 21 };
  const [one, copy, other] = await Promise.all([
    read({ ...cancelled, eventId: 7 }),
    read({ ...cancelled, eventId: 7 }),
    read({ ...cancelled, eventId: 8 }),
  ]);

  expect(one).toEqual({
    kind: 'cancelRequested',
    key: expect.any(String) as string,
    eventId: 7,
    time: '2026-01-02T03:04:05.678Z',
  });
  expect(copy?.key).toBe(one?.key);
  expect(other?.key).not.toBe(one?.key);
});

describe('signals', () => {
  test('only the fields of the contract are read', async () => {
    const payload = {
      eventId: 'e',
      sendTime: 't',
      from: '+15550100001',
      status: 3,
      text: 'secret',
      source: 'x'.repeat(200),
    };

    expect(await read(signal('delivered', payloads(payload)))).toMatchObject({
      kind: 'signal',
      payload: { eventId: 'e', sendTime: 't', from: '+15550100001' },
    });
    const event = await read(signal('delivered', payloads(payload)));
    expect(event?.kind === 'signal' && Object.keys(event.payload)).toEqual(['eventId', 'sendTime', 'from']);
  });

  test('an unknown signal is none', async () => {
    expect(await read(signal('hello', payloads({ eventId: 'e' })))).toBeUndefined();
  });

  test.each([
    ['that is not valid JSON', text('json/plain', '{"eventId"')],
    ['without an encoding', { payloads: [{ data: Buffer.from('x') }] }],
    ['that is missing', null],
    ['of an unknown encoding', text('binary/x', '{}')],
    ['that says it is encrypted, in a form that no key decrypts', text('binary/encrypted', 'x')],
  ])('a payload %s says nothing, as in the workflow', async (_, input) => {
    expect(await read(signal('delivered', input))).toMatchObject({ kind: 'signal', payload: {} });
  });

  test('a payload that is encrypted twice, with a form inside that no key decrypts, says nothing', async () => {
    const codec = createPayloadCodec({ keys: testKeys('a') });
    const encrypted = { payloads: await codec.encode(text('binary/encrypted', 'x').payloads) };
    const event = { ...at, ...signal('delivered', encrypted) } as HistoryEvent;
    const own = createPayloadReader({ ...converter, payloadCodecs: [codec] });

    expect(await readEvent(event, own)).toMatchObject({ kind: 'signal', payload: {} });
  });

  test('an encrypted payload that can’t be decrypted is an error, never nothing', async () => {
    const encrypted = {
      payloads: await createPayloadCodec({ keys: testKeys('a') }).encode(payloads({ eventId: 'e' }).payloads),
    };
    const other = createPayloadReader({ ...converter, payloadCodecs: [createPayloadCodec({ keys: testKeys('b') })] });
    const event = { ...at, ...signal('delivered', encrypted) } as HistoryEvent;

    await expect(readEvent(event, reader)).rejects.toThrow();
    await expect(readEvent(event, other)).rejects.toThrow();
  });
});

describe('failures', () => {
  test('a time-out says what the attempt had recorded', async () => {
    const lastHeartbeatDetails = payloads({ provider: 'twilio', repeatable: false, attempt: 1 });

    expect(await read(timedOut({ timeoutFailureInfo: { timeoutType: 1, lastHeartbeatDetails } }))).toMatchObject({
      end: 'timedOut',
      failure: { timeoutType: 'START_TO_CLOSE', lastHeartbeat: { provider: 'twilio', repeatable: false } },
    });
  });

  test.each([
    [2, 'SCHEDULE_TO_START'],
    [3, 'SCHEDULE_TO_CLOSE'],
    [4, 'HEARTBEAT'],
  ])('time-out %s is %s', async (timeoutType, name) => {
    expect(await read(timedOut({ timeoutFailureInfo: { timeoutType } }))).toMatchObject({
      failure: { timeoutType: name },
    });
  });

  test('no message, no stack trace, and only known details', async () => {
    const applicationFailureInfo = {
      type: 'SmsRefused',
      details: payloads({ httpStatus: 400, code: 21211, text: 'secret' }),
    };
    const failure = { message: 'secret', stackTrace: 'secret', applicationFailureInfo };

    const event = await read({ activityTaskFailedEventAttributes: { scheduledEventId: 5, failure } });

    expect(event).toMatchObject({ kind: 'activityEnded', scheduledEventId: 5, end: 'failed' });
    expect(event && 'failure' in event && event.failure).toEqual({ type: 'SmsRefused', details: { httpStatus: 400 } });
  });
});

describe('local activities', () => {
  const create = { activity_type: 'sendRcs' };

  test('a result', async () => {
    expect(await read(localMarker(create, { result: payloads({ acceptedEarlier: true }) }))).toMatchObject({
      ...{ kind: 'localActivity', type: 'sendRcs', end: 'completed', result: { acceptedEarlier: true } },
      endTime: '2026-01-02T03:04:05.678Z',
    });
  });

  test.each([
    ['failed', { applicationFailureInfo: { type: 'RbmNotFound' } }],
    ['timedOut', { timeoutFailureInfo: { timeoutType: 3 } }],
    ['timedOut', { activityFailureInfo: {}, cause: { timeoutFailureInfo: { timeoutType: 3 } } }],
    ['cancelled', { canceledFailureInfo: {} }],
  ])('%s: %j', async (end, failure) => {
    expect(await read(localMarker(create, { failure }))).toMatchObject({ kind: 'localActivity', end });
  });

  test('other markers, and those of other activities, are none', async () => {
    expect(await read(localMarker({ activity_type: 'another' }, {}))).toBeUndefined();
    expect(await read({ markerRecordedEventAttributes: { markerName: 'core_patch' } })).toBeUndefined();
  });
});

test('a failed workflow task is a reset only by its cause', async () => {
  const failed = { baseRunId: 'base' };

  expect(await read({ workflowTaskFailedEventAttributes: { ...failed, cause: 20 } })).toMatchObject({
    ...{ kind: 'reset', baseRunId: 'base' },
  });
  expect(await read({ workflowTaskFailedEventAttributes: { ...failed, cause: 1 } })).toBeUndefined();
});
