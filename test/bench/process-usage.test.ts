import { expect, test } from 'vitest';
import { busyIn, withChildrenIn } from '../../bench/measure/other-programs.js';
import { cpuIn, memoryIn } from '../../bench/measure/process-usage.js';

test('CPU is user and kernel time, also of a program whose name has blanks and parentheses', () => {
  const stat = '4711 (node (a) b) S 1 4711 4711 0 -1 4194560 900 0 0 0 250 50 7 9 20 0 11 0 100 1000 2000';
  expect(cpuIn(stat)).toBe(3_000);
});

test('memory is the resident set', () => {
  expect(memoryIn('Name:\tnode\nVmHWM:\t  9000 kB\nVmRSS:\t  2000 kB\nRssAnon:\t 10 kB\n')).toBe(2_048_000);
});

test('what all programs have used leaves out idle time and waiting for disks', () => {
  expect(busyIn('cpu  100 10 50 9000 800 3 2 5 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n')).toBe(1_700);
});

test('what the benchmark has used includes its children that have ended', () => {
  expect(withChildrenIn('1 (node) R 1 1 1 0 -1 0 0 0 0 0 100 20 300 4 20 0 11 0')).toBe(4_240);
});
