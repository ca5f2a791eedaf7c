import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isObject } from '../../src/contract/check.js';
import { checkInput } from '../../src/contract/input.js';
import { BLANK, CONTROL_CHARACTER } from '../../src/contract/texts.js';

const NOW = Date.UTC(2026, 0, 1);
const published = JSON.parse(readFileSync('docs/message-delivery-input.schema.json', 'utf8')) as object;

test.each([{}, { strict: true }])('a validator takes it without a word, with options %j', (options) => {
  const said: unknown[] = [];
  const log = (...words: unknown[]) => said.push(words);
  new Ajv2020({ ...options, logger: { log, warn: log, error: log } }).compile(published);
  expect(said).toEqual([]);
});

/** Every `pattern` in it, however deep. */
const patternsIn = (schema: object): string[] =>
  Object.entries(schema).flatMap(([key, value]: [string, unknown]) => {
    if (key === 'pattern' && typeof value === 'string') return [value];
    return typeof value === 'object' && value !== null ? patternsIn(value) : [];
  });

test('its patterns mean the same in every language', () => {
  const patterns = patternsIn(published);
  expect(patterns.length).toBeGreaterThan(15);
  for (const pattern of patterns) {
    expect(pattern).not.toContain('(?');
    // What \d, \s and \v are differs; what \. is doesn't.
    expect(pattern).not.toMatch(/\\[A-Za-z0-9]/);
    // RE2 repeats no more often.
    for (const [, times] of pattern.matchAll(/(\d+)\}/g)) expect(Number(times)).toBeLessThanOrEqual(1000);
  }
});

type Fields = Readonly<Record<string, unknown>>;
const least = {
  agentId: 'acme-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'Your code is 482913' },
};
const most = {
  ...least,
  messageTrafficType: 'PROMOTION',
  ttl: '600s',
  acceptanceTimeout: '20s',
  expireTime: '2026-01-02T00:00:00.5+01:00',
  fallback: {
    sms: { text: 'Hello', sender: 'ACME Bank', validity: '60s', receiptTimeout: '0s' },
    whenUncertain: 'hold',
  },
  revocation: {
    ...{ strategy: 'platform', grace: '5s', budget: '30s', holdTimeout: '3600s' },
    ...{ deadMansSwitch: '60s', ttlEventTimeout: '15s' },
  },
  honorOptOut: true,
  campaignId: 'spring_2026',
  notify: { url: 'https://acme.example/outcomes?x=1#y', phases: true },
};

/** The same, except for what only the workflow can check. */
function workflowTakes(input: Fields): boolean {
  const checked = checkInput(input, NOW);
  if (checked.ok) return true;
  const { budget } = (input['revocation'] ?? {}) as Fields;
  const beyond = ['must be in the future', 'must be within 15 days', 'must not be true for AUTHENTICATION'];
  beyond.push(BLANK, CONTROL_CHARACTER);
  if ((budget ?? undefined) !== undefined) beyond.push('must not be longer than revocation.budget');
  return checked.problems.every(({ problem }) => beyond.includes(problem));
}

const validate = new Ajv2020().compile(published);
const expectSame = (input: Fields) => {
  expect({ input, taken: validate(input) }).toEqual({ input, taken: workflowTakes(input) });
};

const OTHERS: readonly unknown[] = [
  null,
  ...[true, 7, '', [], {}, { text: '' }, { sms: {} }, { sms: { text: 'x' } }, { text: 'x'.repeat(3073) }],
  ...['0s', '0.0s', '0.000000001s', '0.999s', '0.9990000s', '0.999000001s', '1s', '30s', '30.000000001s', '31s', '5.s'],
  ...['86399.9s', '86400.0s', '86400.1s', '604800s', '604801s', '1296000s', '1296000.000000001s', '1e3s', '٣s'],
  ...['+49', '+491511', '+4915112', '+999123456789', '+123456789012345', '+1234567890123456', '12345678', '123456789'],
  ...['a@rbm.goog', 'a@rbm', 'a'.repeat(128), 'a'.repeat(129), 'x'.repeat(1601), 'AUTHENTICATION', 'agent', 'send'],
  ...[
    '2028-02-29T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02',
    `2026-01-02T00:00:00.${'0'.repeat(44)}Z`,
  ],
  ...['http://a', 'http://a@b', 'ftp://a', 'https://a\u00a0b', 'https://a/\u2003', `http://${'a'.repeat(2042)}`],
];

test('null is absent for it too, except where a field must be', () => {
  const nulls = { campaignId: null, expireTime: null, fallback: null, revocation: { grace: null }, notify: null };
  const taken = [
    { ...least, ttl: '60s', ...nulls },
    { ...least, ttl: '60s', contentMessage: { text: null, richCard: {} } },
  ];
  const refused = [
    { ...least, ttl: null, expireTime: null },
    { ...least, ttl: '60s', recipient: null },
    { ...least, ttl: '60s', contentMessage: { text: null } },
    { ...least, ttl: '60s', fallback: { sms: null } },
  ];
  expect([...taken, ...refused].map((input) => validate(input))).toEqual([true, true, false, false, false, false]);
  for (const input of [...taken, ...refused]) expectSame(input);
});

/** One character of it is another, is twice there, or is not. */
const nearly = (text: string) =>
  fc
    .tuple(
      fc.nat(text.length),
      fc.constantFrom(0, 1),
      fc.constantFrom('', '+', '0', '9', 'a', 'Z', '.', ':', '-', '@', '/', ' ', '\n', '\u00a0', '\u0663'),
    )
    .map(([at, gone, put]) => text.slice(0, at) + put + text.slice(at + gone));

/** Each field as it is, gone, or as something else: mostly as it is. */
function variantsOf(fields: Fields): fc.Arbitrary<Fields> {
  const variants = Object.entries(fields).map(([key, value]) => {
    const other = fc.oneof(fc.constantFrom(undefined, ...OTHERS), fc.string());
    const near = typeof value === 'string' ? nearly(value) : isObject(value) ? variantsOf(value) : other;
    const chosen = fc.oneof({ weight: 20, arbitrary: fc.constant(value) }, { weight: 2, arbitrary: near }, other);
    return chosen.map((each) => (each === undefined ? {} : { [key]: each }));
  });
  return fc.tuple(...variants).map((parts) => Object.assign({}, ...parts) as Fields);
}

const { ttl, expireTime, ...rest } = most;
const inputs = fc.oneof(
  ...[{ ...least, ttl }, { ...least, expireTime }, { ...rest, ttl }, { ...rest, expireTime }, most, least].map(
    variantsOf,
  ),
);

test('it accepts what the workflow accepts, as far as a schema can express that', () => {
  let taken = 0;
  const runs = 20_000;
  fc.assert(
    fc.property(inputs, fc.constantFrom({}, {}, {}, { extra: 1 }), (input, more) => {
      expectSame({ ...input, ...more });
      if (workflowTakes(input)) taken += 1;
    }),
    { numRuns: runs },
  );
  expect(Math.abs(taken / runs - 0.5)).toBeLessThan(0.4);
});

/** `fields` with each of its values, however deep, gone and as each of the others. */
function* withOthers(fields: Fields): Generator<Fields> {
  for (const [key, value] of Object.entries(fields)) {
    yield Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));
    for (const other of OTHERS) yield { ...fields, [key]: other };
    if (isObject(value)) for (const inner of withOthers(value)) yield { ...fields, [key]: inner };
  }
}

test.each<[string, Fields]>([
  ['ttl', { ...rest, ttl }],
  ['expireTime', { ...rest, expireTime }],
  ['no budget', { ...least, ttl, revocation: { grace: '5s' } }],
])('each field gone, and as anything else: %s', (_title, base) => {
  for (const input of withOthers(base)) expectSame(input);
});
