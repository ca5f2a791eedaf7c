import { describe, expect, test } from 'vitest';
import { createBoard } from '../../dev/demo/board.js';
import { nextText } from '../../dev/demo/next-text.js';
import { verdictTable } from '../../dev/demo/report.js';
import type { Row } from '../../dev/demo/rows.js';
import { demoPhones } from '../../dev/simulator/demo-phones.js';
import type { DeliveryStatus } from '../../src/contract/status.js';
import { createScreen, type Screen } from './screen.js';

const NOW = Date.parse('2026-12-01T12:00:00Z');
const WIDTHS = [60, 70, 80, 83, 85, 90, 100, 120, 200];
const titles = Object.values(demoPhones).map(({ title }) => title);

function status(of: DeliveryStatus['status'], next: [action: string, inMs: number] | null = null): DeliveryStatus {
  const settled = of === 'DELIVERED' || of === 'DELIVERED_BY_SMS' || of === 'REVOKED';
  return {
    ...{ agentId: 'demo-agent', messageId: '', status: of, phase: settled ? null : of, outcome: settled ? of : null },
    ...{ channel: null, startTime: '', expireTime: '', duplicate: false, evidence: [], timeline: [] },
    next: next && { action: next[0], time: new Date(NOW + next[1]).toISOString() },
  } as DeliveryStatus;
}

/** What each of the demo's rows goes through. */
const COURSE = [
  undefined,
  status('SENDING', ['stopSending', 7_400]),
  status('AWAITING_DELIVERY', ['revoke', 7_400]),
  status('CONFIRMING_REVOCATION', ['sendSms', 2_900]),
  status('AWAITING_SMS_RECEIPT', ['SENT_BY_SMS', 600_000]),
  status('DELIVERED_BY_SMS'),
];
const rowsAt = (moment: number, count = titles.length): Row[] =>
  Array.from({ length: count }, (_, index) => {
    const now = COURSE[Math.min(COURSE.length - 1, Math.max(0, moment - (index % 3)))];
    return { number: index + 1, title: titles[index % titles.length] ?? '', ...(now && { status: now }) };
  });
const MOMENTS = Array.from({ length: COURSE.length + 2 }, (_, moment) => moment);

/** Expects each row once, in one line. */
async function expectEachOnce(screen: Screen, count = titles.length): Promise<void> {
  const lines = await screen.lines();
  const text = lines.join('\n');
  expect(text).not.toContain('↪');
  const numbers = lines.flatMap((line) => /^ *(\d+) {2}/.exec(line)?.[1] ?? []).map(Number);
  expect(numbers, text).toEqual(Array.from({ length: count }, (_, index) => index + 1));
}

function started(columns: number, rows = 24) {
  const screen = createScreen(columns, rows);
  screen.terminal.write('  Temporal 127.0.0.1:7233\n  rcs-delivery worker\n');
  return { screen, board: createBoard(screen.terminal) };
}

describe.each(WIDTHS)('in a terminal of %i columns', (columns) => {
  test('each redraw shows each row once, in one line, and nothing is left in the end', async () => {
    const { screen, board } = started(columns);
    for (const moment of MOMENTS) {
      board.update(rowsAt(moment), NOW);
      await expectEachOnce(screen);
    }
    board.close();
    expect(await screen.lines()).toEqual(['  Temporal 127.0.0.1:7233', '  rcs-delivery worker']);
  });

  test.each(WIDTHS)('after a change to %i columns as well', async (other) => {
    const { screen, board } = started(columns);
    board.update(rowsAt(2), NOW);
    await screen.resize(other, 30);
    board.update(rowsAt(3), NOW);
    await expectTable(screen);
    await screen.resize(columns, 12);
    board.update(rowsAt(4), NOW);
    await expectTable(screen);
    board.update(rowsAt(COURSE.length + 2), NOW);
    await expectTable(screen);
  });

  test('the verdicts fit from 60 columns on, and are whole at 80', () => {
    const verdicts = titles.map((title, index) => ({ line: index + 1, title, outcome: 'DELIVERED_BY_SMS', ok: true }));
    const text = verdictTable(
      verdicts.map((one) => ({ ...one, got: 'SMS' })),
      columns,
    );
    const lines = text.split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
    expect(lines).toHaveLength(titles.length + 2);
    if (columns >= 80) for (const title of titles) expect(text).toContain(` ${title} `);
    else expect(text).toContain('…');
    for (const line of lines.slice(2)) expect(line).toMatch(/^\d .* DELIVERED_BY_SMS {2}SMS {8}✓$/);
  });
});

/** Like {@link expectEachOnce}, with nothing but the table checked: lines above it may have wrapped. */
async function expectTable(screen: Screen): Promise<void> {
  const lines = await screen.lines();
  const first = lines.findIndex((line) => /^\d {2}/.test(line));
  expect(
    lines.slice(first).map((line) => /^(\d) {2}/.exec(line)?.[1]),
    lines.join('\n'),
  ).toEqual(titles.map((_, index) => String(index + 1)));
}

test('if there are more rows than lines, those that still run are shown, and how many are not', async () => {
  const { screen, board } = started(90, 6);
  for (const moment of MOMENTS) board.update(rowsAt(moment), NOW);
  const rows = rowsAt(COURSE.length + 2, 12).map((row) =>
    row.number === 5 || row.number === 12 ? { ...row, status: status('REVOKING', ['revoke', 1_000]) } : row,
  );
  board.update(rows, NOW);
  const lines = await screen.lines();
  expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
    [''],
    ['1', titles[0], 'DELIVERED_BY_SMS'],
    ['5', titles[4], 'REVOKING', 'revoke in 1 s'],
    ['12', titles[4], 'REVOKING', 'revoke in 1 s'],
    ['… and 9 more'],
  ]);
});

test('what comes next is whole at 80 columns, and says times as people do', async () => {
  const { screen, board } = started(80);
  board.update(rowsAt(4), NOW);
  expect((await screen.lines()).slice(3)).toEqual([
    expect.stringMatching(/^1 {2}delivered at once +AWAITING_SMS_RECEIPT {3}settle in 10 min$/),
    expect.stringMatching(/^2 {2}delivered just before expiry +CONFIRMING_REVOCATION {2}SMS in 3 s$/),
    expect.stringMatching(/^3 {2}offline: revoked, then SMS +AWAITING_DELIVERY {6}revoke in 8 s$/),
    expect.stringMatching(/^4 .* settle in 10 min$/),
    expect.stringMatching(/^5 {2}revoke answered 200, then DELIVERED {2}CONFIRMING_REVOCATION {2}SMS in 3 s$/),
    expect.stringMatching(/^6 {2}revoke answered 404, then DELIVERED {2}AWAITING_DELIVERY {6}revoke in 8 s$/),
    expect.stringMatching(/^7 .* settle in 10 min$/),
  ]);
});

test.each([
  ['stopSending', 7_400, 'expiry in 8 s'],
  ['UNCERTAIN', 61_000, 'settle in 2 min'],
  ['revoke', -5, 'revoke now'],
  ['revoke', 1, 'revoke in 1 s'],
  ['something new', 3_600_000, 'something new in 1 h'],
  ['sendSms', 15 * 86_400_000, 'SMS in 15 d'],
])('%s after %i ms reads: %s', (action, ms, text) => {
  expect(nextText({ action, time: new Date(NOW + ms).toISOString() }, NOW)).toBe(text);
});

test('elsewhere than in a terminal, each change of a status is a line, however long', () => {
  const written: string[] = [];
  const board = createBoard({ write: (text) => written.push(text) });
  for (const moment of [0, 2, 2]) board.update(rowsAt(moment, 2), NOW);
  board.close();
  expect(written).toEqual([
    '1  delivered at once             AWAITING_DELIVERY      revoke in 8 s\n',
    '2  delivered just before expiry  SENDING                expiry in 8 s\n',
  ]);
});
