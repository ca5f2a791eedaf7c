import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAnswerOf } from '../../src/rbm/create-answer.js';

const classified = (richMessageClassification: unknown) => createAnswerOf({ richMessageClassification });

test('has the fields for US numbers', () => {
  const given = {
    carrier: 'Example Wireless (US)',
    richMessageClassification: { classificationType: 'RICH_TEXT', segmentCount: 2 },
  };
  expect(createAnswerOf({ ...given, name: 'x', totalPayloadSizeBytes: '120' })).toEqual(given);
});

test.each([
  [2, 2],
  ['2', 2],
  [0, 0],
])('reads a segmentCount of %j', (segmentCount, read) => {
  const classificationType = 'BASIC';
  expect(classified({ classificationType, segmentCount })).toEqual({
    richMessageClassification: { classificationType, segmentCount: read },
  });
});

test.each([-1, 1.5, 1e9, 'many', '', null, [2], {}])('leaves out a segmentCount of %j', (segmentCount) => {
  const classificationType = 'BASIC';
  expect(classified({ classificationType, segmentCount })).toEqual({
    richMessageClassification: { classificationType },
  });
});

test.each([
  undefined,
  null,
  'BASIC',
  [],
  {},
  { classificationType: 7 },
  { classificationType: '' },
  { segmentCount: 2 },
])('leaves out a classification of %j', (given) => {
  expect(classified(given)).toEqual({});
});

test.each([null, 7, '', 'x'.repeat(65), 'two\nlines', '\u0000', ['x'], 'to +1 555 010 0001', '15550100001'])(
  'leaves out a carrier of %j',
  (carrier) => {
    const expireTime = '2026-01-02T03:15:05Z';
    expect(createAnswerOf({ carrier, expireTime })).toEqual({ expireTime });
  },
);

test('of anything has short fields, or none', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (carrier, richMessageClassification) => {
      const read = createAnswerOf({ carrier, richMessageClassification });
      expect(JSON.stringify(read).length).toBeLessThan(500);
    }),
  );
});
