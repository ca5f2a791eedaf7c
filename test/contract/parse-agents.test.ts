import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RBM_REGIONS, type Agent } from '../../src/contract/agents.js';
import { parseAgents } from '../../src/contract/parse-agents.js';
import { MESSAGE_TRAFFIC_TYPES } from '../../src/contract/rbm.js';

describe('a list of agents', () => {
  test('names each agent, and what is known of it', () => {
    const text =
      'acme-codes type=AUTHENTICATION region=europe brand=acme, acme-offers type=PROMOTION brand=acme, other';
    expect(parseAgents(text)).toEqual([
      { agentId: 'acme-codes', messageTrafficType: 'AUTHENTICATION', region: 'europe', brand: 'acme' },
      { agentId: 'acme-offers', messageTrafficType: 'PROMOTION', brand: 'acme' },
      { agentId: 'other' },
    ]);
  });

  test.each([undefined, '', ' \n'])('may be unset or empty: %j', (text) => {
    expect(parseAgents(text)).toEqual([]);
  });

  test.each([
    ['letter case', 'acme Type=promotion REGION=Europe'],
    ['spaces and lines', '\n  acme\ttype = PROMOTION\n    region =europe  '],
    ['the suffix', 'acme@rbm.goog type=PROMOTION region=europe'],
    ['the order', 'acme region=europe type=PROMOTION'],
    ['a repetition', 'acme type=PROMOTION region=europe, acme@rbm.goog region=EUROPE type=PROMOTION'],
  ])('does not depend on %s', (_, text) => {
    expect(parseAgents(text)).toEqual([{ agentId: 'acme', messageTrafficType: 'PROMOTION', region: 'europe' }]);
  });

  const types = 'AUTHENTICATION, TRANSACTION, PROMOTION, SERVICEREQUEST, ACKNOWLEDGEMENT';
  const brandRule = 'must have 1 to 64 characters out of A-Z a-z 0-9 . _ - and begin with a letter or a digit';
  test.each([
    ['acme type=XX', `agent acme: type must be one of ${types}`],
    ['acme type=MESSAGE_TRAFFIC_TYPE_UNSPECIFIED', `agent acme: type must be one of ${types}`],
    ['acme type=', `agent acme: type must be one of ${types}`],
    ['acme region=xx', 'agent acme: region must be one of us, europe, asia'],
    ['acme brand=-xx', `agent acme: brand ${brandRule}`],
    [`acme brand=${'x'.repeat(65)}`, `agent acme: brand ${brandRule}`],
    ['acme brand=xx/sms', `agent acme: brand ${brandRule}`],
    ['acme regoin=us', 'agent acme: there is no attribute regoin, only type, region, brand'],
    ['acme constructor=xx', 'agent acme: there is no attribute constructor, only type, region, brand'],
    ['acme +15550100001=us', 'agent acme: there is no attribute (unnamed), only type, region, brand'],
    ['acme xx', 'agent acme: only type=…, region=…, brand=… may follow the id'],
    ['acme =xx', "entry 1 must begin with an agent's id"],
    ['acme type=PROMOTION Type=promotion', 'agent acme: type is given twice'],
    [' , ', 'there is no agent'],
    ['acme,, -', "entry 2 must begin with an agent's id"],
    ['acme, type=PROMOTION', "entry 2 must begin with an agent's id"],
    ['acme; other', "entry 1 must begin with an agent's id"],
    ['acme, acme type=PROMOTION', 'agent acme: two entries differ in type'],
    ['acme region=us brand=a, acme@rbm.goog region=asia', 'agent acme: two entries differ in region, brand'],
    ['a brand=Acme, b brand=acme', 'brand acme: brand Acme differs from it only in upper and lower case'],
    ['acme, other brand=acme', 'brand acme: an agent outside this brand has the same name'],
    [
      'a type=XX region=xx, b region=xx',
      `agent a: type must be one of ${types}; agent a: region must be one of us, europe, asia; agent b: region must be one of us, europe, asia`,
    ],
  ])('%j is refused, and the error says why', (text, problem) => {
    expect(() => parseAgents(text)).toThrow(new TypeError(problem));
  });

  test('an agent may have the name of its own brand', () => {
    expect(parseAgents('acme brand=acme')).toEqual([{ agentId: 'acme', brand: 'acme' }]);
  });
});

const SPACE = fc.stringMatching(/^[ \t\n]{1,3}$/);
const anyCase = (word: string) =>
  fc.array(fc.boolean(), { minLength: word.length, maxLength: word.length }).map((upper) =>
    word
      .split('')
      .map((letter, index) => (upper[index] === true ? letter.toUpperCase() : letter.toLowerCase()))
      .join(''),
  );

/** An agent, and one way to write it. */
const writtenAgent = fc
  .record(
    {
      agentId: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
      messageTrafficType: fc.constantFrom(...MESSAGE_TRAFFIC_TYPES),
      region: fc.constantFrom(...RBM_REGIONS),
      // None is also an agent's id, or differs from another in letter case only.
      brand: fc.stringMatching(/^[0-9]{22,64}$/),
    },
    { requiredKeys: ['agentId'] },
  )
  .chain((agent: Agent) => {
    const { agentId, messageTrafficType, region, brand } = agent;
    const attribute = (name: string, value: fc.Arbitrary<string>) =>
      fc.tuple(anyCase(name), value).map(([key, given]) => `${key}=${given}`);
    const attributes = fc
      .tuple(
        ...(messageTrafficType === undefined ? [] : [attribute('type', anyCase(messageTrafficType))]),
        ...(region === undefined ? [] : [attribute('region', anyCase(region))]),
        ...(brand === undefined ? [] : [attribute('brand', fc.constant(brand))]),
      )
      .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
    const id = fc.constantFrom(agentId, `${agentId}@rbm.goog`);
    return fc
      .tuple(id, attributes, SPACE, SPACE)
      .map(([name, all, space, around]) => ({ agent, text: around + [name, ...all].join(space) + around }));
  });

test('reads back whatever was written, in every way to write it', () => {
  const lists = fc.uniqueArray(writtenAgent, { minLength: 1, maxLength: 6, selector: ({ agent }) => agent.agentId });
  fc.assert(
    fc.property(lists, (list) => {
      expect(parseAgents(list.map(({ text }) => text).join(','))).toEqual(list.map(({ agent }) => agent));
    }),
  );
});

test('of any text either makes agents, or throws a TypeError', () => {
  const words = fc.constantFrom(
    'acme',
    ',',
    '=',
    ' ',
    'type',
    'PROMOTION',
    'region',
    'us',
    'brand',
    '@rbm.goog',
    '__proto__',
    '\n',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(words).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        for (const { agentId } of parseAgents(text)) expect(agentId).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }),
  );
});
