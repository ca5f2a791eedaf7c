import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/**
 * Asks OSV (osv.dev) for the published advisories about the packages in a lock file, where `npm audit` can't be asked.
 * Exits with 0 if there are none, with 1 if there are some, and with 2 if OSV can't be asked.
 */

const { OSV_URL = 'https://api.osv.dev' } = process.env;
const TIMEOUT_MS = 30_000;
/** OSV's limit for one request. */
const BATCH = 1_000;

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ name: z.string().optional(), version: z.string().optional(), dev: z.boolean().optional() }),
  ),
});
const Batch = z.object({
  results: z.array(
    z.object({
      vulns: z.array(z.object({ id: z.string() })).optional(),
      next_page_token: z.string().optional(),
    }),
  ),
});
const Advisory = z.object({ summary: z.string().optional(), aliases: z.array(z.string()).optional() });

interface Package {
  readonly name: string;
  readonly version: string;
  /** Not in the image, and not installed with the package. */
  readonly isDev: boolean;
}

async function packagesIn(lockFile: string): Promise<Package[]> {
  const { packages } = Lock.parse(JSON.parse(await readFile(lockFile, 'utf8')));
  const found = Object.entries(packages).flatMap(([path, { name, version, dev = false }]) => {
    if (path === '' || version === undefined) return [];
    return [{ name: name ?? path.replace(/^.*node_modules\//, ''), version, isDev: dev }];
  });
  return [...new Map(found.map((one) => [`${one.name}@${one.version}`, one])).values()];
}

async function ask(path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(new URL(path, OSV_URL), {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`it answered ${String(response.status)}`);
  return response.json();
}

/** The ids of the advisories about each package, in the order of the packages. */
async function advisoriesOf(packages: readonly Package[]): Promise<string[][]> {
  const ids = packages.map((): string[] => []);
  let open = packages.map(({ name, version }, index) => ({
    index,
    query: { package: { name, ecosystem: 'npm' }, version } as Record<string, unknown>,
  }));
  while (open.length > 0) {
    const asked = open.slice(0, BATCH);
    const { results } = Batch.parse(await ask('/v1/querybatch', { queries: asked.map(({ query }) => query) }));
    if (results.length !== asked.length) throw new Error('it did not answer for each package');
    const further = results.flatMap(({ vulns = [], next_page_token: token }, at) => {
      const one = asked[at];
      if (one === undefined) return [];
      ids[one.index]?.push(...vulns.map(({ id }) => id));
      return token === undefined ? [] : [{ ...one, query: { ...one.query, page_token: token } }];
    });
    open = [...open.slice(BATCH), ...further];
  }
  return ids;
}

async function describe(id: string): Promise<string> {
  const { summary = '', aliases = [] } = Advisory.parse(await ask(`/v1/vulns/${encodeURIComponent(id)}`));
  return `${[id, ...aliases].join(', ')}${summary === '' ? '' : `: ${summary}`}`;
}

async function main([lockFile = 'package-lock.json']: readonly string[]): Promise<number> {
  const packages = await packagesIn(lockFile);
  try {
    const ids = await advisoriesOf(packages);
    const affected = packages.flatMap((one, index) => (ids[index] ?? []).map((id) => ({ ...one, id })));
    for (const { name, version, isDev, id } of affected)
      console.log(`${name}@${version}${isDev ? ' (development only)' : ''}: ${await describe(id)}`);
    console.log(`${String(packages.length)} packages, ${String(affected.length)} advisories`);
    return affected.length === 0 ? 0 : 1;
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    console.error(`OSV can't be asked at ${new URL(OSV_URL).host} (${reason}), so nothing is known of advisories.`);
    console.error('Run this where that host can be reached, or set OSV_URL to a mirror of its API.');
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
