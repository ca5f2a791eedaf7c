import { describe, expect, test } from 'vitest';
import { svgOf } from '../../bench/reporting/svg.js';

const bars = [
  { label: 'short', value: 50, min: 25, max: 100 },
  { label: 'long', value: 100 },
];
const widths = (svg: string) => [...svg.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));

describe('the picture', () => {
  test('has bars in proportion to their values', () => {
    const [short = 0, long = 0] = widths(svgOf([{ title: 'A', unit: 'ms', bars }]));
    expect(short).toBeGreaterThan(0);
    expect(long).toBeCloseTo(2 * short);
  });
  test('shows each value with its unit, and a line for its spread', () => {
    const svg = svgOf([{ title: 'A', unit: 'ms', bars }]);
    expect(svg).toContain('>100 ms</text>');
    expect(svg.match(/<line class="spread"/g)).toHaveLength(1);
  });
  test('has a line as long as the largest value if that is of a spread', () => {
    const svg = svgOf([{ title: 'A', unit: '', bars: [{ label: 'a', value: 1, min: 1, max: 2 }] }]);
    const [width = 0] = widths(svg);
    const [, from, to] = /x1="([\d.]+)" x2="([\d.]+)"/.exec(svg) ?? [];
    expect(Number(to) - Number(from)).toBeCloseTo(width);
  });
  test('takes labels as text', () => {
    const svg = svgOf([{ title: 'a < b & c', unit: '', bars: [{ label: '<script>', value: 1 }] }]);
    expect(svg).toContain('a &lt; b &amp; c');
    expect(svg).not.toContain('<script>');
  });
  test('leaves out what was not measured', () => {
    const svg = svgOf([
      { title: 'empty', unit: '', bars: [{ label: 'nothing', value: NaN }] },
      { title: 'full', unit: '', bars },
    ]);
    expect(svg).not.toContain('nothing');
    expect(svg).not.toContain('empty');
    expect(svg).toContain('full');
  });
  test('has colours for a light and for a dark page, and no background', () => {
    const svg = svgOf([{ title: 'A', unit: '', bars }]);
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
    expect(svg).not.toMatch(/<rect(?! class="bar")/);
  });
  test('puts charts below each other', () => {
    const chart = { title: 'A', unit: '', bars };
    const tops = [...svgOf([chart, chart]).matchAll(/translate\(0 (\d+)\)/g)].map(([, top]) => Number(top));
    expect(tops).toEqual([0, expect.any(Number)]);
    expect(tops[1]).toBeGreaterThan(2 * 24);
  });
});
