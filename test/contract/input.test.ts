import fc from 'fast-check';
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import { problemsOf, type Schema } from '../../src/contract/check.js';
import { inputSchema } from '../../src/contract/generated/input-schema.js';
import { checkInput, splitUnknown, type MessageDeliveryInput } from '../../src/contract/input.js';
import { messageDeliveryInputSchema } from '../../src/contract/schema/input-schema.js';

const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;
const valid = {
  agentId: 'acme-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'Your code is 482913' },
  messageTrafficType: 'AUTHENTICATION',
  ttl: '600s',
  fallback: { sms: { text: 'Your code is 482913', sender: '+15550109999' }, whenUncertain: 'send' },
  revocation: { strategy: 'agent', grace: '5s', budget: '30s' },
};
const without = (field: keyof typeof valid) =>
  Object.fromEntries(Object.entries(valid).filter(([key]) => key !== field));
const inTime = (ms: number) => ({ ...without('ttl'), expireTime: new Date(NOW + ms).toISOString() });
const fieldsOf = (value: unknown) => {
  const checked = checkInput(value, NOW);
  return checked.ok ? [] : checked.problems.map(({ field }) => field);
};

test('the type that is written out is what the schema takes', () => {
  expectTypeOf<MessageDeliveryInput>().toEqualTypeOf<z.infer<typeof messageDeliveryInputSchema>>();
});

/** The paths of all durations. */
const durationsIn = (schema: Schema, path = ''): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const field = path === '' ? key : `${path}.${key}`;
    return property.durationMs === undefined ? durationsIn(property, field) : [field];
  });
const withField = (value: object, [key = '', ...rest]: readonly string[], given: unknown): object => {
  const inner = (value as Record<string, object>)[key] ?? {};
  return { ...value, [key]: rest.length === 0 ? given : withField(inner, rest, given) };
};

describe('accepted', () => {
  test.each<[string, unknown]>([
    ['the example of the docs', valid],
    [
      'the least',
      {
        agentId: 'a',
        messageId: valid.messageId,
        recipient: '+4915112345678',
        contentMessage: { text: 'x' },
        ttl: '1s',
      },
    ],
    ['expireTime instead of ttl', inTime(60_000)],
    ['an offset in expireTime', { ...without('ttl'), expireTime: '2026-01-01T02:00:00+01:00' }],
    ['fifteen days', { ...valid, ttl: '1296000s' }],
    ['a rich card', { ...valid, contentMessage: { richCard: { standaloneCard: { cardContent: { title: 'x' } } } } }],
    ['a text with tab and line breaks', { ...valid, contentMessage: { text: 'a\tb\r\nc\u0085' } }],
    ['an emoji alone', { ...valid, fallback: { sms: { text: '👍' } } }],
    [
      'a blank postbackData',
      { ...valid, contentMessage: { text: 'x', suggestions: [{ reply: { postbackData: ' ' } }] } },
    ],
    ['null for the text of a card', { ...valid, contentMessage: { text: null, richCard: {} } }],
    ['an alphanumeric sender', { ...valid, fallback: { sms: { text: 'x', sender: 'ACME Bank' } } }],
  ])('%s', (_title, input) => {
    expect(checkInput(input, NOW)).toMatchObject({ ok: true });
  });

  test('null for every field that may be absent, at each level', () => {
    const sms = { ...valid.fallback.sms, sender: null, validity: null, receiptTimeout: null };
    const input = {
      ...valid,
      ...{ messageTrafficType: null, expireTime: null, acceptanceTimeout: null, honorOptOut: null, campaignId: null },
      ...{ notify: null, fallback: { sms, whenUncertain: null }, revocation: { strategy: null, grace: null } },
    };
    expect(checkInput(input, NOW)).toEqual({
      ok: true,
      input: {
        ...without('messageTrafficType'),
        fallback: { sms: { text: valid.fallback.sms.text } },
        revocation: {},
      },
    });
    expect(checkInput({ ...valid, fallback: null, revocation: null, surprise: null }, NOW)).toMatchObject({ ok: true });
  });

  test.each<[string, object]>([
    ['null inside', { richCard: null, suggestions: [null, { reply: null }] }],
    ['emoji', { text: '🎉', richCard: { '🎉': '👩‍👩‍👧' } }],
    ['a text that looks like an escaped surrogate', { text: String.raw`\ud83d \\udc00 \ud83d\ude00` }],
    ['that text deep down', { richCard: { [String.raw`\ud83d`]: [String.raw`\\\ud83d`] } }],
  ])('contentMessage with %s, passed on as it is', (_title, contentMessage) => {
    expect(checkInput({ ...valid, contentMessage }, NOW)).toMatchObject({ ok: true, input: { contentMessage } });
  });

  test('contentMessage as JSON writes it', () => {
    const contentMessage = { text: 'x', richCard: undefined, suggestions: [{ toJSON: () => ({ reply: {} }) }] };
    const written = { text: 'x', suggestions: [{ reply: {} }] };
    expect(checkInput({ ...valid, contentMessage }, NOW)).toStrictEqual({
      ok: true,
      input: { ...valid, contentMessage: written },
    });
  });

  test('agentId loses @rbm.goog, messageId becomes lower case', () => {
    const input = { ...valid, agentId: 'acme-agent@rbm.goog', messageId: valid.messageId.toUpperCase() };
    expect(checkInput(input, NOW)).toMatchObject({
      ok: true,
      input: { agentId: 'acme-agent', messageId: valid.messageId },
    });
  });

  test.each(getCountries().map((country) => getCountryCallingCode(country)))('the calling code +%s', (code) => {
    expect(fieldsOf({ ...valid, recipient: `+${code}23456789` })).toEqual([]);
  });
});

function circle(): object {
  const content: { text: string; self?: object } = { text: 'x' };
  content.self = content;
  return content;
}

describe('refused, naming the field', () => {
  test.each<[string, unknown, string[]]>([
    ['no object', 'hello', ['']],
    ['null', null, ['']],
    ['an array', [valid], ['']],
    ['nothing in it', {}, ['agentId', 'messageId', 'recipient', 'contentMessage', 'ttl']],
    ['an unknown field', { ...valid, falback: {} }, ['falback']],
    ['an unknown field deep down', { ...valid, revocation: { grce: '5s' } }, ['revocation.grce']],
    ['a field name that may be personal', { ...valid, '+15550100001': 1 }, ['(unnamed)']],
    ['ttl and expireTime', { ...valid, expireTime: new Date(NOW + 1000).toISOString() }, ['ttl']],
    ['neither', without('ttl'), ['ttl']],
    ['a number as ttl', { ...valid, ttl: 600 }, ['ttl']],
    ['a ttl without its unit', { ...valid, ttl: '600' }, ['ttl']],
    ['null for a required field', { ...valid, recipient: null, contentMessage: null }, ['recipient', 'contentMessage']],
    ['null for a required field deep down', { ...valid, fallback: { sms: { text: null } } }, ['fallback.sms.text']],
    ['null for both expiries', { ...valid, ttl: null, expireTime: null }, ['ttl']],
    ['half of an emoji in the SMS', { ...valid, fallback: { sms: { text: 'Hi \ud83d' } } }, ['fallback.sms.text']],
    ['its other half in the text', { ...valid, contentMessage: { text: '\ude00 Hi' } }, ['contentMessage.text']],
    [
      'half of one deep down',
      { ...valid, contentMessage: { richCard: [{ title: 'a\ud83db' }] } },
      ['contentMessage.richCard[0].title'],
    ],
    ['half of one in a key', { ...valid, contentMessage: { text: 'x', '\ud83d': 1 } }, ['contentMessage']],
    ['half of one after a backslash', { ...valid, contentMessage: { title: '\\\\\ud83d' } }, ['contentMessage.title']],
    [
      'half of one where a reply begins',
      { ...valid, contentMessage: { text: 'x', suggestions: [{ reply: { text: 'Yes', postbackData: '\ude00' } }] } },
      ['contentMessage.suggestions[0].reply.postbackData'],
    ],
    ['NUL in the text', { ...valid, contentMessage: { text: 'a\0b' } }, ['contentMessage.text']],
    ['a control character in the SMS', { ...valid, fallback: { sms: { text: 'a\u001bb' } } }, ['fallback.sms.text']],
    ['one deep down', { ...valid, contentMessage: { richCard: { title: '\v' } } }, ['contentMessage.richCard.title']],
    ['one in a key', { ...valid, contentMessage: { text: 'x', 'a\0': 1 } }, ['contentMessage']],
    ['one in the URL', { ...valid, notify: { url: 'https://acme.example/\0' } }, ['notify.url']],
    ['a character that no XML has', { ...valid, fallback: { sms: { text: 'a\uffff' } } }, ['fallback.sms.text']],
    ...[
      ' ',
      '\n\t',
      '\u00a0',
      '\u200b\u200d',
      '\ufeff',
      '\u3000',
      '\u2800',
      '\u00ad\u2060',
      '\u3164',
      '\u180e',
    ].flatMap((blank, index): [string, unknown, string[]][] => [
      [`a blank SMS (${String(index)})`, { ...valid, fallback: { sms: { text: blank } } }, ['fallback.sms.text']],
      [`a blank text (${String(index)})`, { ...valid, contentMessage: { text: blank } }, ['contentMessage.text']],
    ]),
    ['nothing but null as content', { ...valid, contentMessage: { text: null, richCard: null } }, ['contentMessage']],
    ['undefined as the only content', { ...valid, contentMessage: { text: undefined } }, ['contentMessage']],
    [
      'nothing but undefined and null as content',
      { ...valid, contentMessage: { richCard: undefined, suggestions: undefined, text: null } },
      ['contentMessage'],
    ],
    ['what JSON leaves out', { ...valid, contentMessage: { richCard: () => 1, text: undefined } }, ['contentMessage']],
    ['what JSON makes null', { ...valid, contentMessage: { richCard: Number.NaN } }, ['contentMessage']],
    ['what becomes nothing', { ...valid, contentMessage: { text: 'x', toJSON: () => undefined } }, ['contentMessage']],
    ['what becomes a text', { ...valid, contentMessage: { text: 'x', toJSON: () => 'x' } }, ['contentMessage']],
    [
      'what becomes blank',
      { ...valid, contentMessage: { text: 'x', toJSON: () => ({ text: ' ' }) } },
      ['contentMessage.text'],
    ],
    ['content in a circle', { ...valid, contentMessage: circle() }, ['contentMessage']],
    ['half of one in an id', { ...valid, campaignId: 'spring\ud83d' }, ['campaignId']],
    ['a ttl in minutes', { ...valid, ttl: '10m' }, ['ttl']],
    ['a zero ttl', { ...valid, ttl: '0s' }, ['ttl']],
    ['a negative ttl', { ...valid, ttl: '-1s' }, ['ttl']],
    ['an absurd ttl', { ...valid, ttl: `${'9'.repeat(400)}s` }, ['ttl']],
    ['a ttl over 15 days', { ...valid, ttl: '1296001s' }, ['ttl']],
    ['an expireTime in the past', inTime(-1), ['expireTime']],
    ['an expireTime after 16 days', inTime(16 * DAY), ['expireTime']],
    ['an expireTime that is none', { ...without('ttl'), expireTime: 'tomorrow' }, ['expireTime']],
    ['a messageId that is no UUID', { ...valid, messageId: 'message-1' }, ['messageId']],
    ['a UUID in braces', { ...valid, messageId: `{${valid.messageId}}` }, ['messageId']],
    ['an agentId with a colon', { ...valid, agentId: 'a:b' }, ['agentId']],
    ['an agentId of 300 characters', { ...valid, agentId: 'a'.repeat(300) }, ['agentId']],
    ['a number without +', { ...valid, recipient: '15550100001' }, ['recipient']],
    ['a number of 16 digits', { ...valid, recipient: '+1234567890123456' }, ['recipient']],
    ['an unassigned calling code', { ...valid, recipient: '+99912345678' }, ['recipient']],
    ['a number that begins with 0', { ...valid, recipient: '+0155501000' }, ['recipient']],
    ['Arabic digits', { ...valid, recipient: '+١٥٥٥٠١٠٠٠٠١' }, ['recipient']],
    ['a zero-width space in a number', { ...valid, recipient: '+1555\u200b0100001' }, ['recipient']],
    ['no content', { ...valid, contentMessage: {} }, ['contentMessage']],
    ['a text as content', { ...valid, contentMessage: 'Hello' }, ['contentMessage']],
    ['a text over 3072 characters', { ...valid, contentMessage: { text: 'x'.repeat(3073) } }, ['contentMessage.text']],
    ['content over 250 KB', { ...valid, contentMessage: { richCard: 'ü'.repeat(130_000) } }, ['contentMessage']],
    ['an unknown traffic type', { ...valid, messageTrafficType: 'OTP' }, ['messageTrafficType']],
    ['a fallback without sms', { ...valid, fallback: {} }, ['fallback.sms']],
    ['an empty SMS', { ...valid, fallback: { sms: { text: '' } } }, ['fallback.sms.text']],
    [
      'an unknown whenUncertain',
      { ...valid, fallback: { sms: { text: 'x' }, whenUncertain: 'maybe' } },
      ['fallback.whenUncertain'],
    ],
    ['a grace beyond the budget', { ...valid, revocation: { grace: '31s' } }, ['revocation.grace']],
    ['a campaign with spaces', { ...valid, campaignId: 'spring sale' }, ['campaignId']],
    [
      'many at once',
      { ...valid, agentId: '', ttl: 5, fallback: { sms: {} }, x: 1 },
      ['agentId', 'ttl', 'fallback.sms.text', 'x'],
    ],
  ])('%s', (_title, input, fields) => {
    expect(fieldsOf(input)).toEqual(fields);
  });

  test('a lone surrogate, null and a number without its unit are problems that say what to do', () => {
    const checked = checkInput(
      { ...valid, recipient: null, ttl: 600, contentMessage: { text: '\ud83d' }, revocation: { grace: '5' } },
      NOW,
    );
    const unit = 'must be a text with its unit, such as "600s" for 600 seconds';
    expect(checked.ok ? [] : checked.problems).toEqual([
      { field: 'recipient', problem: 'is missing' },
      { field: 'contentMessage.text', problem: 'must not contain half of a character (a lone surrogate)' },
      { field: 'ttl', problem: unit },
      { field: 'revocation.grace', problem: unit },
    ]);
  });

  test.each<[unknown, string]>([
    ...[
      '10m',
      '10m0s',
      'PT10M',
      'P1D',
      '600 s',
      '600S',
      ' 600s',
      '-600s',
      '+600s',
      '6e2s',
      '.5s',
      '600ms',
      '00:10:00',
    ].map((given): [unknown, string] => [given, 'must be a text in seconds with the unit s, such as "600s" or "1.5s"']),
    ...[{ seconds: 600 }, { seconds: '600', nanos: 0 }, ['600s'], true].map((given): [unknown, string] => [
      given,
      'must be a text in seconds with the unit s, such as "600s" or "1.5s"',
    ]),
    ...[600, 0.5, -600, '600', '0.5', Number.NaN].map((given): [unknown, string] => [
      given,
      'must be a text with its unit, such as "600s" for 600 seconds',
    ]),
  ])('%j as a duration, and the right form is named, in every field', (given, problem) => {
    const fields = durationsIn(inputSchema);
    expect(fields.length).toBeGreaterThan(8);
    for (const field of fields) {
      const checked = checkInput(withField(valid, field.split('.'), given), NOW);
      expect(checked.ok ? [] : checked.problems).toEqual([{ field, problem }]);
    }
  });

  test('problems never repeat a value', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 12, maxLength: 40 }).map((text) => `7${text}`),
        (secret) => {
          const input = {
            ...valid,
            agentId: ` ${secret}`,
            ttl: secret,
            contentMessage: [secret],
            [`k${secret}`]: secret,
          };
          const checked = checkInput(input, NOW);
          expect(JSON.stringify(checked.ok ? [] : checked.problems)).not.toContain(JSON.stringify(secret).slice(1, -1));
        },
      ),
    );
  });
});

describe('splitUnknown', () => {
  test('takes out the top-level fields that this version does not know, and names those that have a plain name', () => {
    const input = { ...valid, surprise: 1, '+15550100001': 2, revocation: { surprise: 3 } };
    expect(splitUnknown(input)).toEqual({
      known: { ...valid, revocation: { surprise: 3 } },
      unknown: ['surprise', '(unnamed)'],
    });
  });

  test.each([null, 'hello', [valid]])('leaves %j as it is', (input) => {
    expect(splitUnknown(input)).toEqual({ known: input, unknown: [] });
  });
});

test('the run-time check says no exactly when the zod schema does', () => {
  const mutate = fc.tuple(
    fc.constantFrom(...Object.keys(valid), 'campaignId', 'expireTime', 'extra'),
    fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constantFrom(
        null,
        '5s',
        '1.5s',
        '0s',
        'send',
        '+15550100001',
        'PROMOTION',
        '2026-01-02T00:00:00Z',
        valid.fallback,
        valid.revocation,
      ),
      fc.object({ maxDepth: 2, key: fc.constantFrom('sms', 'text', 'grace', 'budget', 'strategy', 'whenUncertain') }),
    ),
  );
  fc.assert(
    fc.property(fc.array(mutate, { maxLength: 4 }), (changes) => {
      const input = { ...valid, ...Object.fromEntries(changes) };
      expect(problemsOf(inputSchema, input).length === 0).toBe(
        inRangeOfDurations(input) && messageDeliveryInputSchema.safeParse(input).success,
      );
    }),
    { numRuns: 5_000 },
  );
});

/** zod knows the form of a duration; its bounds are a word of our own (`durationMs`), which only the check reads. */
function inRangeOfDurations(input: Record<string, unknown>): boolean {
  return !problemsOf(inputSchema, input).some(({ problem }) => problem.startsWith('must be a duration between'));
}
