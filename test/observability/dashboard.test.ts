import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readAlerts } from './alert-rules.js';

const Panel = z.object({
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string(),
  description: z.string().default(''),
  fieldConfig: z
    .object({
      defaults: z.object({
        unit: z.string().optional(),
        thresholds: z
          .object({ steps: z.array(z.object({ color: z.string(), value: z.number().nullable() })) })
          .optional(),
      }),
    })
    .optional(),
  targets: z.array(z.object({ expr: z.string(), range: z.boolean() })).default([]),
});
type Panel = z.infer<typeof Panel>;

const file: unknown = JSON.parse(await readFile('deploy/grafana/rcs-message-delivery.json', 'utf8'));
const panels = z
  .object({ panels: z.array(Panel) })
  .parse(file)
  .panels.filter(({ type }) => type !== 'row');
const alerts = await readAlerts();

/** What the numbers of a query are: seconds, a share, so many in a minute, or so many at this moment. */
function quantityOf(expr: string): 'seconds' | 'share' | 'perMinute' | 'count' {
  if (expr.startsWith('histogram_quantile(')) return 'seconds';
  if (expr.startsWith('60 * ')) return 'perMinute';
  return / \/ (?:sum|scalar)/.test(expr) ? 'share' : 'count';
}
const UNITS = { seconds: 's', share: 'percentunit', perMinute: 'short', count: 'short' } as const;

const named = ({ description }: Panel) => alerts.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(description));
const thresholdsOf = (panel: Panel) => panel.fieldConfig?.defaults.thresholds?.steps ?? [];
/** Those of which the panel shows the threshold. */
const alertsOf = (panel: Panel) => {
  const listed = / Alerts?: ([\w, ]+)\.$/.exec(panel.description)?.[1]?.split(', ') ?? [];
  return named(panel).filter(({ name }) => listed.includes(name));
};
const COLOURS = { warning: 'orange', critical: 'red' };
const windows = (expr: string) => [...expr.matchAll(/\[(\w+)\]/g)].map(([, window]) => window);

describe.each(panels)('the panel "$title"', (panel) => {
  test('has a description, and names no alert that does not exist', () => {
    expect(panel.description).toMatch(/^[A-Zu].{20,}\.$/);
    const names = [...panel.description.matchAll(/\bRcs\w+/g)].map(([name]) => name);
    expect(
      named(panel)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(names.toSorted());
  });

  test('shows one quantity, in its unit', () => {
    const quantities = [...new Set(panel.targets.map(({ expr }) => quantityOf(expr)))];
    expect(quantities).toHaveLength(1);
    const [quantity = 'count'] = quantities;
    expect(panel.fieldConfig?.defaults.unit).toBe(UNITS[quantity]);
    expect(panel.title.endsWith(', per minute')).toBe(quantity === 'perMinute');
    // One number, or a line.
    expect(panel.targets.every(({ range }) => range === (panel.type === 'timeseries'))).toBe(true);
  });

  test("has its alerts' thresholds, and no others", () => {
    const limits = thresholdsOf(panel).flatMap(({ value }) => value ?? []);
    expect([...new Set(alertsOf(panel).map(({ threshold }) => threshold))]).toEqual(limits);
    const colours = thresholdsOf(panel).map(({ color }) => color);
    for (const { severity } of alertsOf(panel)) {
      expect(colours.toSorted()).toEqual(['green', COLOURS[severity as keyof typeof COLOURS]].toSorted());
    }
  });

  test('measures over the time over which its alerts do', () => {
    for (const { expr, name } of alertsOf(panel)) {
      const shown = panel.targets.flatMap(({ expr: query }) => windows(query));
      expect([name, [...new Set(shown)]]).toEqual([name, [...new Set(windows(expr))]]);
    }
  });
});

test('shows a threshold for most alerts that have a share or a time', () => {
  const shown = new Set(panels.flatMap((panel) => alertsOf(panel).map(({ name }) => name)));
  expect(shown.size).toBeGreaterThanOrEqual(8);
});
