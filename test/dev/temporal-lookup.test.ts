import { mkdir, readFile, writeFile, readdir } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startDevServer } from '../../dev/temporal/dev-server.js';
import type { OnProgress } from '../../dev/terminal/progress.js';
import { findTemporalCli } from '../../dev/temporal/find-temporal-cli.js';
import { findTestServer, locateTestServer } from '../../dev/temporal/test-server.js';
import { fakeGo, fakeProgram, fakeTemporal, offline, temporaryFolder } from './temporal-fakes.js';

/** Offers every way to get a dev server. The test removes the first ones. */
async function allWays() {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  const bin = join(folder, 'bin');
  await fakeProgram(folder, 'my-temporal', fakeTemporal('1.0-named'));
  await fakeProgram(bin, 'temporal', fakeTemporal('1.0-path'));
  await fakeProgram(cacheDir, 'temporal', fakeTemporal('1.0-cache'));
  const go = join(folder, 'go');
  await fakeProgram(go, 'go', fakeGo('1.0-go'));
  return { named: join(folder, 'my-temporal'), bin, cacheDir, emptyCache: join(folder, 'empty'), go };
}

test('uses TEMPORAL_CLI_PATH first, then PATH, then the cache', async () => {
  const { named, bin, cacheDir, go } = await allWays();

  const byName = await findTemporalCli({ env: { ...offline(bin, go), TEMPORAL_CLI_PATH: named }, cacheDir });
  const byPath = await findTemporalCli({ env: offline(bin, go), cacheDir });
  const byCache = await findTemporalCli({ env: offline(go), cacheDir });

  expect(byName).toEqual({ path: named, source: 'temporal 1.0-named, TEMPORAL_CLI_PATH' });
  expect(byPath).toEqual({ path: join(bin, 'temporal'), source: `temporal 1.0-path, PATH, ${join(bin, 'temporal')}` });
  expect(byCache).toEqual({ path: join(cacheDir, 'temporal'), source: "temporal 1.0-cache, the project's cache" });
});

const fakeMaven =
  'mkdir lib; for word; do case $word in -DoutputDirectory=*) echo jar > "${word#*=}/a.jar";; esac; done';

/** Collects what is reported: what stays, and what is only shown for a moment. */
function collector() {
  const [lasting, passing]: [string[], string[]] = [[], []];
  const onProgress: OnProgress = (line, kind) => void (kind === 'passing' ? passing : lasting).push(line);
  return { lasting, passing, onProgress };
}

test('otherwise tries the download, and then builds the server with Go into the cache, once', async () => {
  const { emptyCache, go } = await allWays();
  const { lasting, onProgress } = collector();
  const options = { env: offline(go), cacheDir: emptyCache, onProgress };

  const first = await findTemporalCli(options);
  const second = await findTemporalCli(options);

  expect(first).toEqual({ path: join(emptyCache, 'temporal'), source: 'temporal 1.0-go, made with Go' });
  expect(second.source).toBe("temporal 1.0-go, the project's cache");
  expect(lasting).toEqual([
    'no Temporal dev server here yet: downloading it from temporal.download',
    expect.stringMatching(/^the download failed: .*Connection refused/),
    'building Temporal 1.5.1 with Go instead, once: usually 2 to 6 min',
  ]);
  const builds = (await readFile(join(go, 'builds'), 'utf8')).trim().split('\n');
  expect(builds).toEqual([expect.stringMatching(/^install .*github\.com\/temporalio\/cli\/cmd\/temporal@v1\.5\.1$/)]);
});

test('while it builds or fetches a server, the time so far and the usual one are reported', async () => {
  const folder = await temporaryFolder();
  await fakeProgram(folder, 'go', fakeGo('1.0-go', 3));
  await fakeProgram(folder, 'mvn', `sleep 3; ${fakeMaven}`);
  const { passing, onProgress } = collector();

  await findTemporalCli({ env: offline(folder), cacheDir: join(folder, 'cache'), onProgress });
  await locateTestServer({ env: offline(folder), cacheDir: join(folder, 'cache'), onProgress });

  expect(passing).toContainEqual(
    expect.stringMatching(/^building Temporal 1\.5\.1 with Go: \d+ s of usually 2 to 6 min$/),
  );
  expect(passing).toContainEqual(expect.stringMatching(/^fetching the test server with Maven: \d+ s of usually 30 s$/));
});

test('skips a `temporal` on PATH that is another program, and says so', async () => {
  const { bin, cacheDir } = await allWays();
  await fakeProgram(bin, 'temporal', 'echo "a calendar tool"');
  const lines: string[] = [];

  const found = await findTemporalCli({ env: offline(bin), cacheDir, onProgress: (line) => void lines.push(line) });

  expect(found.source).toBe("temporal 1.0-cache, the project's cache");
  expect(lines).toEqual([expect.stringContaining("is not Temporal's command line program: looking further")]);
});

test('a wrong TEMPORAL_CLI_PATH is an error, and no other program is used', async () => {
  const { bin, cacheDir } = await allWays();
  const env = { ...offline(bin), TEMPORAL_CLI_PATH: '/nowhere/temporal' };

  await expect(findTemporalCli({ env, cacheDir })).rejects.toThrow('/nowhere/temporal (TEMPORAL_CLI_PATH)');
});

test('if every way fails, the error says why each one failed, and the cache stays empty', async () => {
  const { emptyCache, go } = await allWays();
  await fakeProgram(go, 'go', 'echo "no space left" >&2; echo "on /tmp" >&2; exit 1');

  const noGo = await startDevServer({ env: offline(), cacheDir: emptyCache }).catch(String);
  const badGo = await startDevServer({ env: offline(go), cacheDir: emptyCache }).catch(String);

  for (const way of ['TEMPORAL_ADDRESS', 'TEMPORAL_CLI_PATH', 'temporal.download', 'go.dev'])
    expect(noGo).toContain(way);
  expect(noGo).toContain('Connection refused');
  expect(noGo).toContain('there is no "go" on PATH');
  expect(badGo).toMatch(/^ {2}4\. Install Go .*\n {5}That failed:\n {5}no space left\n {5}on \/tmp$/m);
  expect(await readdir(emptyCache)).toEqual([]);
});

test('gives up a download that gets no answer', async () => {
  const { emptyCache, go } = await allWays();
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  await once(silent, 'listening');
  const https_proxy = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const lines: string[] = [];

  const found = await findTemporalCli({
    env: { ...offline(go), https_proxy },
    cacheDir: emptyCache,
    downloadSilenceMs: 3_000,
    onProgress: (line) => void lines.push(line),
  });

  expect(found.source).toContain('made with Go');
  expect(lines).toContain('the download failed: no answer for 3 s');
});

test('TEMPORAL_ADDRESS comes before everything, and it is an error if no server answers there', async () => {
  const { bin, cacheDir } = await allWays();
  const env = { ...offline(bin), TEMPORAL_ADDRESS: '127.0.0.1:1', HOME: cacheDir };

  await expect(startDevServer({ env, cacheDir })).rejects.toThrow(
    /^TEMPORAL_ADDRESS is set, but the server at 127\.0\.0\.1:1 can't be used with namespace default: no answer for 5 s$/,
  );
});

test('a server that exits at once is reported with its output', async () => {
  const { bin, cacheDir } = await allWays();
  await fakeProgram(bin, 'temporal', `[ "$1" = --version ] && exec echo temporal version 1.0; echo "disk is full" >&2`);

  await expect(startDevServer({ env: offline(bin), cacheDir })).rejects.toThrow('disk is full');
});

test('a port in use is an error, because another program listens there', async () => {
  const { bin, cacheDir } = await allWays();
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;

  await expect(startDevServer({ env: offline(bin), cacheDir, port })).rejects.toThrow(`Port ${port} is in use.`);
});

test('the test server comes from the cache, or from Maven if the download fails', async () => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  await fakeProgram(folder, 'mvn', fakeMaven);

  const made = await locateTestServer({ env: offline(folder), cacheDir });
  const cached = await locateTestServer({ env: offline(), cacheDir });

  expect(made.source).toBe('temporal-test-server, made with Maven');
  expect(cached).toEqual({ path: made.path, source: "temporal-test-server, the project's cache" });
  expect(await readFile(made.path, 'utf8')).toContain('io.temporal.testserver.TestServer "$@"');
  expect(await readdir(join(cacheDir, 'server', 'lib'))).toEqual(['a.jar']);
});

test('without Maven the error says how to get the test server', async () => {
  const cacheDir = await temporaryFolder();

  const error = await findTestServer({ env: offline(), cacheDir }).catch(String);

  expect(error).toContain('https://temporal.download');
  expect(error).toContain('Install Java (11 or later) and Maven');
  expect(error).toContain('there is no "mvn" on PATH');
  expect(await readdir(cacheDir)).toEqual([]);
});

test('removes what a killed process has left half finished', async () => {
  const { emptyCache, go } = await allWays();
  const deadPid = 2 ** 22 + 1; // Above the largest process id.
  await mkdir(join(emptyCache, `.in-progress-${deadPid}-x`), { recursive: true });
  await writeFile(join(emptyCache, 'temporal.lock'), `${deadPid} token`);

  await findTemporalCli({ env: offline(go), cacheDir: emptyCache });

  expect(await readdir(emptyCache)).toEqual(['temporal']);
});
