import { short } from './numbers.js';
import type { Bar, Chart } from './section.js';

const WIDTH = 900;
const LABELS = 330;
/** Room for the value behind the longest bar. */
const VALUES = 110;
const SCALE = WIDTH - LABELS - VALUES;
const ROW = 24;
const TITLE = 44;

/** The colours follow the reader's, light or dark. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .bar { fill: #4c78c9 }
  .spread { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .bar { fill: #6d97e0 }
    .spread { stroke: #e6edf3 }
  }`;

/** All charts below each other, as one picture without a background. */
export function svgOf(charts: readonly Chart[]): string {
  const drawable = charts.map((chart) => ({
    ...chart,
    bars: chart.bars.filter(({ value }) => Number.isFinite(value)),
  }));
  const shown = drawable.filter(({ bars }) => bars.length > 0);
  let top = 0;
  const parts = shown.map((chart) => {
    const part = `<g transform="translate(0 ${top})">${chartOf(chart)}</g>`;
    top += TITLE + ROW * chart.bars.length + 12;
    return part;
  });
  const size = `viewBox="0 0 ${WIDTH} ${Math.max(top, 1)}" width="${WIDTH}" height="${Math.max(top, 1)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n<style>${STYLE}\n</style>\n${parts.join('\n')}\n</svg>\n`;
}

function chartOf({ title, unit, bars }: Chart): string {
  const most = Math.max(...bars.flatMap(({ value, max }) => [value, max ?? 0]), Number.MIN_VALUE);
  const x = (value: number) => LABELS + (Math.max(0, value) / most) * SCALE;
  const rows = bars.map((bar, index) => barOf(bar, { unit, x, y: TITLE + index * ROW }));
  return `<text class="title" x="0" y="26">${escaped(title)}</text>${rows.join('')}`;
}

interface Place {
  readonly unit: string;
  readonly x: (value: number) => number;
  readonly y: number;
}

function barOf({ label, value, min, max }: Bar, { unit, x, y }: Place): string {
  const middle = y - 5;
  const end = x(Math.max(value, max ?? value));
  const spread =
    min === undefined || max === undefined
      ? ''
      : `<line class="spread" x1="${round(x(min))}" x2="${round(x(max))}" y1="${middle}" y2="${middle}"/>`;
  return [
    `<text x="${LABELS - 8}" y="${y}" text-anchor="end">${escaped(label)}</text>`,
    `<rect class="bar" x="${LABELS}" y="${y - 13}" width="${round(x(value) - LABELS)}" height="16" rx="2"/>`,
    spread,
    `<text x="${round(end) + 6}" y="${y}">${escaped(`${short(value)} ${unit}`.trim())}</text>`,
  ].join('');
}

const round = (pixels: number) => Math.round(pixels * 10) / 10;
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
