import { describe, expect, test } from 'vitest';
import { differingFields } from '../../src/client/input-differences.js';

const input = {
  agentId: 'acme',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'Your code is 482913', suggestions: [{ reply: { text: 'a' } }, { reply: { text: 'b' } }] },
  ttl: '60s',
  fallback: { sms: { text: 'Your code is 482913', sender: 'ACME' }, whenUncertain: 'send' },
};
const { ttl, ...timeless } = input;
const at = (expireTime: string) => ({ ...timeless, expireTime });

describe('the same message', () => {
  test.each<[string, object, object]>([
    ['the same object', input, input],
    ['another order of the fields', input, Object.fromEntries(Object.entries(input).reverse())],
    [
      'another order deep down',
      { ...input, contentMessage: { suggestions: input.contentMessage.suggestions, text: input.contentMessage.text } },
      input,
    ],
    [
      'null and undefined for absent',
      {
        ...input,
        campaignId: null,
        notify: undefined,
        fallback: { ...input.fallback, sms: { ...input.fallback.sms, validity: null } },
      },
      input,
    ],
    ['null in what is passed on', { ...input, contentMessage: { ...input.contentMessage, richCard: null } }, input],
    [
      'an agentId and a messageId in another form',
      { ...input, agentId: 'acme@rbm.goog', messageId: input.messageId.toUpperCase() },
      input,
    ],
    ['a ttl that is written in another way', { ...input, ttl: '60.000s' }, input],
    ['the same instant', at('2026-12-01T12:00:00Z'), at('2026-12-01T13:00:00.000+01:00')],
  ])('%s', (_title, one, other) => {
    expect(differingFields(one, other)).toEqual([]);
    expect(differingFields(other, one)).toEqual([]);
  });
});

describe('another message names its fields', () => {
  test.each<[string, object, string[]]>([
    [
      'the text',
      { ...input, contentMessage: { ...input.contentMessage, text: 'Your code is 771204' } },
      ['contentMessage.text'],
    ],
    [
      'what is passed on',
      { ...input, contentMessage: { ...input.contentMessage, suggestions: [] } },
      ['contentMessage'],
    ],
    [
      'the order in a list',
      {
        ...input,
        contentMessage: { ...input.contentMessage, suggestions: [...input.contentMessage.suggestions].reverse() },
      },
      ['contentMessage'],
    ],
    [
      'the recipient and the SMS',
      { ...input, recipient: '+15550100002', fallback: { sms: { text: 'x', sender: 'ACME' }, whenUncertain: 'send' } },
      ['recipient', 'fallback.sms.text'],
    ],
    ['the ttl', { ...input, ttl: '61s' }, ['ttl']],
    ['ttl and expireTime', at('2026-12-01T12:00:00Z'), ['expireTime', 'ttl']],
    ['a campaign', { ...input, campaignId: 'spring' }, ['campaignId']],
    ['a notification', { ...input, notify: { url: 'https://acme.example' } }, ['notify']],
    ['a policy, even its default', { ...input, revocation: { grace: '5s' } }, ['revocation']],
    ['no fallback', { ...input, fallback: undefined }, ['fallback']],
    ['a field that this version does not know', { ...input, surprise: 1 }, ['surprise']],
    ['a field whose name may be personal', { ...input, '+15550100001': 1 }, ['(unnamed)']],
    ['a number for a text', { ...input, ttl: 60 }, ['ttl']],
  ])('%s', (_title, other, fields) => {
    expect(differingFields(input, other).sort()).toEqual([...fields].sort());
    expect(differingFields(other, input).sort()).toEqual([...fields].sort());
  });

  test('another instant', () => {
    expect(differingFields(at('2026-12-01T12:00:00Z'), at('2026-12-01T12:00:00.001Z'))).toEqual(['expireTime']);
    expect(differingFields(at('2026-12-01T12:00:00Z'), at('2026-12-01T12:00:00+01:00'))).toEqual(['expireTime']);
  });

  test('ttl again', () => {
    expect(differingFields(input, { ...timeless, ttl })).toEqual([]);
  });
});
