import { expect, test } from 'vitest';
import { createProgress } from '../../dev/terminal/progress.js';
import { durationText } from '../../dev/terminal/text.js';
import { createScreen } from './screen.js';

test.each([40, 80, 120])('in a terminal of %i columns, a passing line is replaced, in one line', async (columns) => {
  const screen = createScreen(columns, 24);
  const progress = createProgress({ out: screen.terminal, prefix: '  ' });
  progress('the download failed');
  for (const elapsed of ['1 s', '59 s', '1 min', '1 min 20 s']) {
    progress(`building Temporal 1.5.1 with Go: ${elapsed} of usually 2 to 6 min`, 'passing');
    const whole = `  building Temporal 1.5.1 with Go: ${elapsed} of usually 2 to 6 min`;
    const line = columns > whole.length ? whole : `${whole.slice(0, columns - 2)}…`;
    expect(await screen.lines()).toEqual(['  the download failed', line]);
  }
  await screen.resize(30, 24);
  progress('building Temporal 1.5.1 with Go: 1 min 21 s of usually 2 to 6 min', 'passing');
  expect(await screen.lines()).toEqual(['  the download failed', '  building Temporal 1.5.1 wi…']);
  progress('using temporal 1.5.1');
  expect(await screen.lines()).toEqual(['  the download failed', '  using temporal 1.5.1']);
});

test('elsewhere, a passing line is printed every 20 s', () => {
  const written: string[] = [];
  let now = 0;
  const progress = createProgress({
    out: { write: (text) => written.push(text) },
    prefix: 'temporal: ',
    now: () => now,
  });
  progress('building');
  for (now = 1_000; now <= 130_000; now += 1_000) progress(`building: ${durationText(now)}`, 'passing');
  progress('done');
  expect(written).toEqual([
    'temporal: building\n',
    ...['20 s', '40 s', '1 min', '1 min 20 s', '1 min 40 s', '2 min'].map((time) => `temporal: building: ${time}\n`),
    'temporal: done\n',
  ]);
});

test.each([
  [0, '0 s'],
  [999, '0 s'],
  [59_900, '59 s'],
  [600_000, '10 min'],
  [3_661_000, '1 h 1 min'],
  [86_400_000, '1 d'],
])('%i ms read: %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
