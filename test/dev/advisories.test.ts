import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../dev/temporal/free-port.js';

interface Query {
  readonly package: { readonly name: string; readonly ecosystem: string };
  readonly version: string;
  readonly page_token?: string;
}

let folder: string;
let lockFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'advisories-'));
  lockFile = join(folder, 'package-lock.json');
  const packages = {
    '': { name: 'this', version: '1.0.0' },
    'node_modules/good': { version: '1.0.0' },
    'node_modules/bad': { version: '2.0.0' },
    'node_modules/good/node_modules/bad': { version: '2.0.0' },
    'node_modules/@scope/alias': { name: '@scope/real', version: '3.0.0', dev: true },
    ...Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`node_modules/many-${String(index)}`, { version: '1.0.0' }]),
    ),
  };
  await writeFile(lockFile, JSON.stringify({ lockfileVersion: 3, packages }));
});
afterAll(() => rm(folder, { recursive: true }));

/** Speaks OSV's API: the ids of a batch in pages, at most 1,000 queries at a time, and an advisory by its id. */
async function startOsv(advisories: Readonly<Record<string, readonly string[]>>) {
  const batches: Query[][] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      const [, id] = /^\/v1\/vulns\/(.+)$/.exec(request.url ?? '') ?? [];
      if (id !== undefined) return answer(200, { id, summary: `what ${id} is`, aliases: [`CVE-of-${id}`] });
      const { queries } = (await json(request)) as { queries: Query[] };
      batches.push(queries);
      if (queries.length > 1_000) return answer(400, { code: 3, message: 'Too many queries.' });
      const results = queries.map(({ package: { name }, version, page_token: page = '0' }) => {
        const ids = advisories[`${name}@${version}`] ?? [];
        const next = Number(page) + 1;
        const vulns = ids.slice(Number(page), next).map((one) => ({ id: one, modified: '2026-01-01T00:00:00Z' }));
        if (vulns.length === 0) return {};
        return { vulns, ...(next < ids.length && { next_page_token: String(next) }) };
      });
      return answer(200, { results });
    })();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, batches };
}

async function run(OSV_URL: string) {
  const args = ['--import', 'tsx', 'dev/build/advisories.ts', lockFile];
  const child = spawn(process.execPath, args, { env: { ...process.env, OSV_URL }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

test('exits with 0 if no package has an advisory, and asks once about each', async () => {
  const { url, batches } = await startOsv({ 'bad@1.0.0': ['GHSA-of-another-version'] });
  expect(await run(url)).toEqual({ code: 0, stdout: '1003 packages, 0 advisories\n', stderr: '' });
  const asked = batches.flat().map(({ package: { name, ecosystem }, version }) => `${ecosystem}:${name}@${version}`);
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked).toEqual(expect.arrayContaining(['npm:good@1.0.0', 'npm:bad@2.0.0', 'npm:@scope/real@3.0.0']));
  expect(asked.some((one) => one.startsWith('npm:this@'))).toBe(false);
});

test('prints every advisory of every page, and exits with 1', async () => {
  const { url } = await startOsv({ 'bad@2.0.0': ['GHSA-1', 'GHSA-2'], '@scope/real@3.0.0': ['GHSA-3'] });
  const { code, stdout } = await run(url);
  expect(code).toBe(1);
  expect(stdout.trim().split('\n').sort()).toEqual([
    '1003 packages, 3 advisories',
    '@scope/real@3.0.0 (development only): GHSA-3, CVE-of-GHSA-3: what GHSA-3 is',
    'bad@2.0.0: GHSA-1, CVE-of-GHSA-1: what GHSA-1 is',
    'bad@2.0.0: GHSA-2, CVE-of-GHSA-2: what GHSA-2 is',
  ]);
});

test('says so and exits with 2 if OSV can’t be asked', async () => {
  const { code, stdout, stderr } = await run(`http://127.0.0.1:${String(await freePort())}`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(
    /^OSV can't be asked at 127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*\), so nothing is known of advisories\./,
  );
});
