import { hostname, homedir } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The fields that say which machine and which build wrote an event. No replay reads them. */
const FIELDS: Readonly<Record<string, string>> = {
  identity: 'a worker',
  binaryChecksum: 'a build',
  buildId: 'a build',
};

/** A history's JSON without what belongs to the machine that recorded it. Throws if something of it is left. */
export function ofNoMachine(json: string): string {
  const clean: unknown = JSON.parse(json, (key, value: unknown) => {
    if (typeof value !== 'string') return isSticky(value) ? { ...value, name: 'a sticky queue' } : value;
    return FIELDS[key] ?? value.replaceAll(ROOT, '');
  });
  const text = `${JSON.stringify(clean, null, 2)}\n`;
  for (const own of [ROOT, homedir(), `@${hostname()}`]) {
    if (own.length > 1 && text.includes(own)) throw new Error(`the history names this machine: ${own}`);
  }
  return text;
}

const isSticky = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'TASK_QUEUE_KIND_STICKY';
