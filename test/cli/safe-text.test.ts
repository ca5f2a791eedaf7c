import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { painter, printJson, printLine, printNote } from '../../src/cli/printer.js';
import { oneLine, safeJson, safeText } from '../../src/cli/safe-text.js';
import { renderStatus } from '../../src/cli/status-view.js';
import type { DeliveryStatus } from '../../src/contract/status.js';
import { testTerminal } from './test-terminal.js';

/** Moves the cursor, clears the screen, sets the title, rings, turns the order of characters around. */
const HOSTILE = [
  ...['\u001b[2J\u001b[1;1H', '\u001b]0;owned\u0007', '\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', '\u009b31m'],
  ...[
    '\u0007',
    '\b\b',
    '\r',
    '\0',
    '\u007f',
    '\u0085',
    '\u202e',
    '\u202a',
    '\u2066',
    '\u2069',
    '\u200e',
    '\u200f',
    '\u061c',
  ],
  ...['\u2028', '\u2029', '\ufeff', '\u200b', '\u001bc', '\u001b[8m', '\u001bP1$r\u001b\\'],
  // Deprecated format characters, and tags, which can hide a text.
  ...['\u206a', '\u206f', '\u{e0001}', '\u{e0020}', '\u{e0061}\u{e007f}'],
];
const ACTS = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\u2028\u2029]|[\u{e0001}\u{e0020}-\u{e007f}]/u;

test.each(HOSTILE)('%j does not reach a terminal, with or without colours', (hostile) => {
  const text = `a${hostile}b`;
  for (const colour of [true, false]) expect(safeText(text, { colour })).not.toMatch(ACTS);
  expect(oneLine(text)).not.toMatch(/[\n\t]/);
  expect(oneLine(text)).not.toMatch(ACTS);
  expect(safeJson({ text })).not.toMatch(ACTS);
  expect(JSON.parse(safeJson({ text }, 2))).toEqual({ text });
});

test('any text: nothing that acts is left, and JSON keeps its value', () => {
  const piece = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const text = pieces.join('');
      expect(safeText(text)).not.toMatch(ACTS);
      expect(stripVTControlCharacters(safeText(text, { colour: true }))).not.toMatch(ACTS);
      expect(safeJson(text)).not.toMatch(ACTS);
      expect(JSON.parse(safeJson(text))).toBe(text);
    }),
  );
});

test('what is harmless stays: line breaks, tabs, emoji with joiners, and the colours of this program', () => {
  const text = 'a\n\tb 👩‍👩‍👧 می‌خواهم é';
  expect(safeText(text)).toBe(text);
  const green = painter(true)('green', 'DELIVERED');
  expect(safeText(green, { colour: true })).toBe(green);
  expect(safeText(green)).toBe('DELIVERED');
});

test('every way to print makes a text safe', () => {
  const { terminal, printed } = testTerminal();
  printLine(terminal, 'a\u001b[2Jb');
  printNote(terminal, 'a\u202eb');
  printJson(terminal, 'a\u009bb');
  expect([printed.stdout(), printed.stderr()]).toEqual(['ab\n"a\\u009bb"\n', 'ab\n']);
});

test('a reason can neither look like another line of the timeline nor have a colour', () => {
  const time = '2026-01-02T03:04:05.000Z';
  const detail = 'wrong price\n+1.0s  webhook  delivered \u001b[32mgreen\u001b[39m';
  const timeline = [{ time, source: 'operator', event: 'revokeRequested', detail }] as const;
  const status: DeliveryStatus = {
    ...{ agentId: 'acme', messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21', status: 'REVOKING', phase: 'REVOKING' },
    ...{
      outcome: null,
      channel: null,
      startTime: time,
      expireTime: time,
      duplicate: false,
      next: null,
      evidence: timeline,
      timeline,
    },
  };
  for (const colour of [true, false]) {
    const last = renderStatus({ status, now: 0, colour, columns: Infinity }).split('\n').at(-1);
    expect(last).toMatch(/operator {2}an operator revokes the message: wrong price \+1\.0s webhook delivered green$/);
  }
});
