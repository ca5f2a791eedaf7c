import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseWebhookBody } from '../../src/rbm/webhook-body.js';
import { readRbmEvent } from '../../src/rbm/webhook-event.js';

const MESSAGE_ID = '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';
const envelope = (data: unknown, more: object = {}) => ({
  message: { data, messageId: '123', message_id: '123', publishTime: '2026-01-02T03:04:06Z', ...more },
  subscription: 'projects/rbm-x/subscriptions/y',
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const read = (event: unknown) => readRbmEvent(Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)));

describe('the body of a POST', () => {
  test('a handshake', () => {
    expect(parseWebhookBody({ clientToken: 'token', secret: '1234567890' })).toEqual({
      kind: 'handshake',
      clientToken: 'token',
      secret: '1234567890',
    });
  });

  test('an envelope: the decoded bytes, exactly', () => {
    const pretty = '{\n  "eventType": "DELIVERED"\n}';
    expect(parseWebhookBody(envelope(base64(pretty), { attributes: { product: 'RBM' } }))).toEqual({
      kind: 'envelope',
      data: Buffer.from(pretty),
      publishTime: '2026-01-02T03:04:06Z',
    });
  });

  test.each([
    [{ publishTime: '2026-01-02T03:04:06.123456789Z' }, '2026-01-02T03:04:06.123456789Z'],
    [{ publishTime: '2026-01-02T04:04:06+01:00' }, '2026-01-02T04:04:06+01:00'],
    [{ publishTime: undefined, publish_time: '2026-01-02T03:04:06Z' }, '2026-01-02T03:04:06Z'],
    [{ publishTime: 'yesterday', publish_time: '2026-01-02T03:04:06Z' }, '2026-01-02T03:04:06Z'],
    [{ publishTime: undefined }, undefined],
    [{ publishTime: 'yesterday' }, undefined],
    [{ publishTime: '2026-02-30T03:04:06Z' }, undefined],
    [{ publishTime: `2026-01-02T03:04:06.${'0'.repeat(99)}Z` }, undefined],
    [{ publishTime: 1767323046, publish_time: {} }, undefined],
  ])('the publishTime of %j is %s', (message, publishTime) => {
    expect(parseWebhookBody(envelope('YQ', message))).toEqual({
      kind: 'envelope',
      data: Buffer.from('a'),
      ...(publishTime !== undefined && { publishTime }),
    });
  });

  test.each([
    ['standard', '+/+/'],
    ['URL-safe', '-_-_'],
    ['without its padding', 'YQ'],
    ['with its padding', 'YQ=='],
  ])('base64, %s', (_, data) => {
    expect(parseWebhookBody(envelope(data))).toMatchObject({ kind: 'envelope', data: Buffer.from(data, 'base64') });
  });

  test.each(['YWJj\nZGVm\r\n', ' YWJjZGVm', 'YWJj\tZG Vm\f', '\n\n YWJjZGVm'])(
    'base64 in which there is whitespace: %j',
    (data) => {
      expect(parseWebhookBody(envelope(data))).toMatchObject({ kind: 'envelope', data: Buffer.from('abcdef') });
    },
  );

  test('an envelope is none the less one with a clientToken in it', () => {
    const mixed = { ...envelope(base64('{}')), clientToken: 'token', secret: 'x' };
    expect(parseWebhookBody(mixed).kind).toBe('envelope');
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'x'],
    ['a number', 7],
    ['an array', [envelope(base64('{}'))]],
    ['an empty object', {}],
    ['no data', { message: {} }],
    ['empty data', envelope('')],
    ['data that is no string', envelope(7)],
    ['data that is an array', envelope([base64('{}')])],
    ['bad base64', envelope('not base64!')],
    ['padding in the middle', envelope('YQ==YQ==')],
    ['padding in the middle, at the end of a line', envelope('YQ==\nYQ==')],
    ['nothing but whitespace', envelope(' \n')],
    ['whitespace beyond ASCII', envelope('YWJj\u00a0ZGVm')],
    ['a message that is an array', { message: [] }],
    ['a message that is null, beside a handshake', { message: null, clientToken: 'a', secret: 'b' }],
    ['half a handshake', { clientToken: 'a' }],
    ['a secret that is no string', { clientToken: 'a', secret: {} }],
    ['a prototype in place of fields', JSON.parse('{"__proto__":{"message":{"data":"e30="}}}')],
  ])('unreadable: %s', (_, body) => {
    expect(parseWebhookBody(body)).toMatchObject({ kind: 'unreadable' });
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withDate: true, withMap: true }), (body) => {
        expect(['handshake', 'envelope', 'unreadable']).toContain(parseWebhookBody(body).kind);
      }),
    );
  });
});

const delivered = {
  senderPhoneNumber: '+15550100001',
  agentId: 'demo@rbm.goog',
  eventType: 'DELIVERED',
  eventId: 'Mx-1',
  messageId: MESSAGE_ID,
  sendTime: '2026-01-02T03:04:05.678Z',
};

describe('events about an agentMessage', () => {
  test.each([
    ['DELIVERED', 'delivered'],
    ['READ', 'read'],
    ['TTL_EXPIRATION_REVOKED', 'ttlExpirationRevoked'],
    ['TTL_EXPIRATION_REVOKE_FAILED', 'ttlExpirationRevokeFailed'],
    ['TTL_EXPIRATION_SOMETHING_NEW', 'ttlExpirationRevokeFailed'],
    ['TTL_', 'ttlExpirationRevokeFailed'],
  ])('%s is %s', (eventType, kind) => {
    expect(read({ ...delivered, eventType })).toEqual({
      kind,
      agentId: 'demo',
      messageId: MESSAGE_ID,
      eventId: 'Mx-1',
      sendTime: '2026-01-02T03:04:05.678Z',
      from: '+15550100001',
    });
  });

  test('an id in upper case is the same id; an agent without its suffix the same agent', () => {
    const event = { ...delivered, messageId: MESSAGE_ID.toUpperCase(), agentId: 'demo' };
    expect(read(event)).toMatchObject({ kind: 'delivered', messageId: MESSAGE_ID, agentId: 'demo' });
  });

  test('neither eventId nor sendTime is needed', () => {
    expect(read({ ...delivered, eventId: undefined, sendTime: undefined })).toEqual({
      kind: 'delivered',
      agentId: 'demo',
      messageId: MESSAGE_ID,
      from: '+15550100001',
    });
  });

  test.each([
    [' +1 555 010 0001\n', '+1 555 010 0001'],
    ['15550100001', '15550100001'],
    ['\u00a0+15550100001', '+15550100001'],
    ['9'.repeat(64), '9'.repeat(64)],
  ])('a number keeps its form, without surrounding white space: %j', (senderPhoneNumber, from) => {
    expect(read({ ...delivered, senderPhoneNumber })).toMatchObject({ from });
  });

  test("a server event's number is in another field", () => {
    const event = { ...delivered, senderPhoneNumber: undefined, phoneNumber: '+15550100009' };
    expect(read({ ...event, eventType: 'TTL_EXPIRATION_REVOKED' })).toMatchObject({ from: '+15550100009' });
  });

  test('optional fields of a wrong kind are as good as absent', () => {
    const event = {
      ...delivered,
      eventId: { a: 1 },
      sendTime: 'yesterday',
      text: 7,
      senderPhoneNumber: '9'.repeat(65),
    };
    expect(read(event)).toEqual({ kind: 'delivered', agentId: 'demo', messageId: MESSAGE_ID });
  });

  test('a byte order mark and spaces do no harm', () => {
    expect(read(`\uFEFF\n ${JSON.stringify(delivered)} \n`)).toMatchObject({ kind: 'delivered' });
  });

  test('of doubled keys the last counts', () => {
    const text = JSON.stringify(delivered).replace('{', '{"eventType":"READ",');
    expect(read(text)).toMatchObject({ kind: 'delivered' });
  });

  test.each([
    ['a message of another system', { messageId: 'msg-17' }],
    ['almost a UUID', { messageId: `${MESSAGE_ID}0` }],
    ['a UUID with a line break', { messageId: `${MESSAGE_ID}\n` }],
    ['an agent id that is none', { agentId: 'a:b@rbm.goog' }],
  ])('%s is nothing to us', (_, change) => {
    expect(read({ ...delivered, ...change })).toMatchObject({ kind: 'other' });
  });

  test.each([
    ['no messageId', { messageId: undefined }],
    ['a messageId that is no string', { messageId: 7 }],
    ['an empty messageId', { messageId: '' }],
    ['no agentId', { agentId: undefined }],
    ['an agentId that is an array', { agentId: ['demo'] }],
  ])('%s: unreadable', (_, change) => {
    expect(read({ ...delivered, ...change })).toMatchObject({ kind: 'unreadable' });
  });
});

describe('other events', () => {
  const common = { agentId: 'demo', eventId: 'Mx-1', sendTime: '2026-01-02T03:04:05.678Z', from: '+15550100001' };

  test.each([
    ['IS_TYPING', 'typing'],
    ['SUBSCRIBE', 'subscribe'],
    ['UNSUBSCRIBE', 'unsubscribe'],
    ['EVENT_TYPE_UNSPECIFIED', 'other'],
    ['SOMETHING_NEW', 'other'],
    ['delivered', 'other'],
    ['unsubscribe', 'other'],
  ])('%s is %s, and its messageId is not read', (eventType, kind) => {
    expect(read({ ...delivered, eventType })).toEqual({ kind, ...common });
  });

  test("UNSUBSCRIBE as in RBM's sample, without messageId and sendTime", () => {
    const { senderPhoneNumber, agentId, eventId } = delivered;
    expect(read({ senderPhoneNumber, agentId, eventId, eventType: 'UNSUBSCRIBE' })).toEqual({
      kind: 'unsubscribe',
      agentId: 'demo',
      eventId: 'Mx-1',
      from: '+15550100001',
    });
  });

  test.each([
    ['text', { text: 'Stop it' }],
    ['a file', { userFile: { payload: {} } }],
    ['a place', { location: { latitude: 1, longitude: 2 } }],
    ['a text that is none', { text: ['STOP'] }],
  ])("a user's message with %s; its messageId is the user's", (_, content) => {
    expect(read({ ...delivered, eventType: undefined, ...content })).toEqual({
      kind: 'userMessage',
      userMessageId: MESSAGE_ID,
      ...common,
    });
  });

  test("a user's own id is as short as an eventId", () => {
    expect(read({ agentId: 'demo', text: 'Hi', messageId: 'x'.repeat(513) })).toEqual({
      kind: 'userMessage',
      agentId: 'demo',
    });
  });

  test('a tapped suggestion carries what the agent put there; its label is no keyword', () => {
    const suggestionResponse = { postbackData: 'yes', text: 'STOP', type: 'REPLY' };
    expect(read({ agentId: 'demo@rbm.goog', messageId: 'user-1', suggestionResponse })).toEqual({
      kind: 'userMessage',
      agentId: 'demo',
      userMessageId: 'user-1',
      postbackData: 'yes',
    });
  });

  test.each([
    ['STOP', 'STOP', 'unsubscribe'],
    [' stop\n', 'STOP', 'unsubscribe'],
    ['Baja', 'BAJA', 'unsubscribe'],
    ['parar', 'PARAR', 'unsubscribe'],
    ['Start', 'START', 'subscribe'],
    ['ALTA', 'ALTA', 'subscribe'],
    ['Démarrer', 'DÉMARRER', 'subscribe'],
    ['De\u0301marrer', 'DÉMARRER', 'subscribe'],
    ['DEMARRER', 'DÉMARRER', 'subscribe'],
    ['começar', 'COMEÇAR', 'subscribe'],
    ['Comecar', 'COMEÇAR', 'subscribe'],
  ])('the text %j is the keyword %s', (text, word, means) => {
    expect(read({ agentId: 'demo', text })).toEqual({ kind: 'userMessage', agentId: 'demo', keyword: { word, means } });
  });

  test.each([
    'STOP please',
    'STOP.',
    'unstop',
    'S T O P',
    '',
    'bájate',
    'toString',
    '__proto__',
    `STOP${' x'.repeat(999)}`,
  ])('the text %j is none', (text) => {
    expect(read({ agentId: 'demo', text })).toEqual({ kind: 'userMessage', agentId: 'demo' });
  });

  const launch = {
    eventId: 'demo/6c1a2f0e-0000-4000-8000-000000000001',
    agentId: 'demo@rbm.goog',
    botDisplayName: 'Demo',
    regionId: '/v1/regions/fi-rcs',
    oldLaunchState: 'LAUNCHED',
    newLaunchState: 'SUSPENDED',
    actingParty: 'somebody@example.com',
    comment: 'as asked',
    sendTime: '2026-01-02T03:04:05Z',
  };

  test('a launch event', () => {
    expect(read(launch)).toEqual({
      kind: 'agentLaunch',
      agentId: 'demo',
      eventId: launch.eventId,
      regionId: '/v1/regions/fi-rcs',
      oldLaunchState: 'LAUNCHED',
      newLaunchState: 'SUSPENDED',
      sendTime: '2026-01-02T03:04:05Z',
    });
  });

  test('a launch event with an unknown state, and nothing else that can be read', () => {
    const event = { ...launch, agentId: 7, regionId: [], oldLaunchState: null, sendTime: 'now', eventId: '' };
    expect(read({ ...event, newLaunchState: 'PAUSED' })).toEqual({ kind: 'agentLaunch', newLaunchState: 'PAUSED' });
  });

  test('without a new state it is no launch event, nor is an event of another type', () => {
    expect(read({ ...launch, newLaunchState: undefined })).toMatchObject({ kind: 'other' });
    expect(read({ ...launch, eventType: 'IS_TYPING' })).toMatchObject({ kind: 'typing' });
  });
});

describe('what can not be read', () => {
  test.each([
    ['no bytes', Buffer.alloc(0)],
    ['bad UTF-8', Buffer.concat([Buffer.from('{"agentId":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])],
    ['no JSON', Buffer.from('DELIVERED')],
    ['half a JSON', Buffer.from('{"agentId":')],
    ['an array', Buffer.from(JSON.stringify([delivered]))],
    ['null', Buffer.from('null')],
    ['a string', Buffer.from('"DELIVERED"')],
    ['a depth of a million', Buffer.from('['.repeat(1_000_000))],
  ])('%s', (_, data) => {
    expect(readRbmEvent(data)).toMatchObject({ kind: 'unreadable' });
  });

  test('a deep field of a good event does no harm', () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    expect(read(JSON.stringify(delivered).replace('{', `{"x":${deep},`))).toMatchObject({ kind: 'delivered' });
  });

  test('a prototype in place of fields', () => {
    const event = read(`{"__proto__":${JSON.stringify(delivered)}}`);
    expect(event).toEqual({ kind: 'other' });
    expect(({} as Record<string, unknown>)['agentId']).toBeUndefined();
  });
});

test('nothing makes it throw, or return a messageId that is not a UUID in lower case', () => {
  const field = fc.oneof(
    fc.constant(MESSAGE_ID),
    fc.uuid(),
    fc.uuid().map((id) => id.toUpperCase()),
    fc.jsonValue(),
  );
  const eventType = fc.oneof(
    fc.constantFrom('DELIVERED', 'READ', 'TTL_EXPIRATION_REVOKED', 'TTL_X', 'IS_TYPING'),
    fc.jsonValue(),
  );
  const event = fc.record(
    { agentId: fc.oneof(fc.constant('demo@rbm.goog'), fc.jsonValue()), eventType, messageId: field, sendTime: field },
    { requiredKeys: [] },
  );
  const bytes = fc.oneof(
    event.map((one) => Buffer.from(JSON.stringify(one))),
    fc.uint8Array().map((one) => Buffer.from(one)),
    fc.json().map((one) => Buffer.from(one)),
  );
  let routed = 0;
  fc.assert(
    fc.property(bytes, (data) => {
      const result = readRbmEvent(data);
      if (!('messageId' in result)) return;
      routed += 1;
      expect(result.messageId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(result.agentId).not.toContain('@rbm.goog');
    }),
    { numRuns: 3_000 },
  );
  expect(routed).toBeGreaterThan(20);
});
