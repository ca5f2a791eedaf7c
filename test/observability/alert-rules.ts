import { readFile } from 'node:fs/promises';

/** An alert of deploy/prometheus/alerts.yml. */
export interface AlertRule {
  readonly name: string;
  readonly severity: string;
  /** The anchor in docs/operations.md. */
  readonly section: string;
  readonly expr: string;
  /** The number that the last comparison of the expression has on its right. */
  readonly threshold: number;
}

/** Where the annotation `runbook_url` points, before an operator puts the address of their own copy into the file. */
const RUNBOOK_URL = 'https://example.com/rcs-message-delivery/docs/operations.md#';

/** The alerts in the order of the file. Throws if one lacks a part, such as its `runbook_url`. */
export async function readAlerts(): Promise<readonly AlertRule[]> {
  const file = await readFile('deploy/prometheus/alerts.yml', 'utf8');
  return file
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map((text) => {
      const name = part(text, /^(\w+)$/m, text.slice(0, 40));
      const expr = part(text, /^ {8}expr: (.*?)^ {8}(?:for|labels):/ms, name);
      return {
        name,
        severity: part(text, /^ {8}labels: \{ severity: (critical|warning) \}$/m, name),
        section: part(text, new RegExp(`^ {10}runbook_url: ${RUNBOOK_URL}([\\w-]+)$`, 'm'), name),
        expr,
        threshold: Number(/^.*[<>=] ([\d.]+)/s.exec(expr)?.[1]),
      };
    });
}

function part(text: string, pattern: RegExp, name: string): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`the alert ${name} has nothing like ${String(pattern)}`);
  return found;
}
