import { readFile } from 'node:fs/promises';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { METRICS, prometheusName, type MetricDefinition } from '../../src/contract/metrics.js';
import { createWebhookMetrics } from '../../src/webhook/metrics.js';
import { anchorsOf } from '../docs/pages.js';
import { readAlerts } from './alert-rules.js';
import { SDK_METRICS } from './sdk-metrics.js';

const read = (path: string) => readFile(path, 'utf8');
const DASHBOARD = 'deploy/grafana/rcs-message-delivery.json';
const ALERTS = 'deploy/prometheus/alerts.yml';
const ALERT_TESTS = ['deploy/prometheus/alerts.test.yml', 'deploy/prometheus/alerts-of-a-day.test.yml'] as const;
const DOCS = 'docs/metrics.md';
const RUNBOOK = 'docs/operations.md';

const registry = new Registry();
createWebhookMetrics(registry);
const webhookMetrics = await registry.getMetricsAsJSON();
const ours: readonly MetricDefinition[] = Object.values(METRICS);

/** All names that a query may use, as they are scraped. */
const known = new Set([
  ...ours.flatMap((metric) => seriesOf(prometheusName(metric), metric.kind)),
  ...webhookMetrics.flatMap(({ name, type }) => seriesOf(name, String(type))),
  ...SDK_METRICS.always,
  ...SDK_METRICS.onFailure,
]);

function seriesOf(name: string, type: string): string[] {
  return type === 'histogram' ? ['_bucket', '_count', '_sum'].map((suffix) => name + suffix) : [name];
}

const namesIn = (text: string) => [...new Set(text.match(/\b(?:rcs_delivery|rcs_webhook|temporal)_[a-z_]*[a-z]\b/g))];

describe.each([
  [DASHBOARD, 24],
  [ALERTS, 15],
  [ALERT_TESTS[0], 15],
  [ALERT_TESTS[1], 3],
] as const)('%s', (path, fewest) => {
  test('uses only metrics that exist', async () => {
    const names = namesIn(await read(path));
    expect(names.length).toBeGreaterThanOrEqual(fewest);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});

test('queries use only labels that the metrics have', async () => {
  const queries = `${await read(DASHBOARD)}${await read(ALERTS)}`.replaceAll('\\"', '"');
  const selectors = [...queries.matchAll(/(rcs_delivery_[a-z_]+?)(?:_total|_seconds\w*)\{([^}]*)\}/g)];
  expect(selectors.length).toBeGreaterThan(10);
  for (const [, name, selector = ''] of selectors) {
    const labels = [...selector.matchAll(/(\w+)\s*(?:=~|!=|=)/g)].map(([, label = '']) => label);
    const has = ['le', ...(ours.find((metric) => metric.name === name)?.labels ?? [])];
    expect([name, labels.filter((label) => !has.includes(label))]).toEqual([name, []]);
  }
});

/** prom-client's internal form of a metric, which its types leave out. */
function labelsOf(name: string): string {
  const { labelNames } = registry.getSingleMetric(name) as unknown as { readonly labelNames: readonly string[] };
  return labelNames.join(', ');
}

describe(DOCS, () => {
  test('describes every metric as the code does', async () => {
    const rows = (await read(DOCS)).split('\n').filter((line) => line.startsWith('| `rcs_'));
    const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    const expected = [
      ...ours.map((metric) => [`\`${prometheusName(metric)}\``, metric.kind, metric.labels.join(', '), metric.help]),
      ...webhookMetrics.map(({ name, type, help }) => [`\`${name}\``, String(type), labelsOf(name), help]),
    ];
    expect(cells.map((row) => row.slice(1, -1))).toEqual(expected);
  });

  test('describes no other metric', async () => {
    const names = namesIn(await read(DOCS));
    const all = [...ours.map(prometheusName), ...webhookMetrics.map(({ name }) => name)];
    expect(names.filter((name) => !all.includes(name))).toEqual([]);
  });

  test('lists every alert, with its severity and its section of the runbook', async () => {
    const rows = [...(await read(DOCS)).matchAll(/^\| (Rcs\w+) +\| (\w+) +\|.*\]\(operations\.md#([\w-]+)\) +\|$/gm)];
    const alerts = await readAlerts();
    expect(alerts.length).toBeGreaterThan(20);
    expect(rows.map(([, name, severity, section]) => ({ name, severity, section }))).toEqual(
      alerts.map(({ name, severity, section }) => ({ name, severity, section })),
    );
  });
});

describe(ALERTS, () => {
  test('links every alert to a section of the runbook that exists', async () => {
    const sections = anchorsOf(RUNBOOK);
    const dead = (await readAlerts()).filter(({ section }) => !sections.includes(section));
    expect(dead).toEqual([]);
  });

  test('wakes the person on call where RBM accepts nothing', async () => {
    const down = (await readAlerts()).find(({ name }) => name === 'RcsRbmDown');
    expect(down).toMatchObject({ severity: 'critical', section: 'rbm-is-down' });
  });

  test('has a test for each alert', async () => {
    const tests = (await Promise.all(ALERT_TESTS.map(read))).join('');
    const tested = [...tests.matchAll(/- name: (\w+)/g)].map(([, name = '']) => name);
    expect([...new Set(tested)].toSorted()).toEqual((await readAlerts()).map(({ name }) => name).toSorted());
  });
});

describe(RUNBOOK, () => {
  test('names every alert in the table of what to do when', async () => {
    const table = /^## What to do when$(.*?)^### /ms.exec(await read(RUNBOOK))?.[1] ?? '';
    const named = [...table.matchAll(/\bRcs\w+/g)].map(([name]) => name);
    expect(named.toSorted()).toEqual((await readAlerts()).map(({ name }) => name).toSorted());
  });
});
