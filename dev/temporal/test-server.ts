import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { isExecutable } from './find-on-path.js';
import type { FindOptions, FoundProgram } from './find-temporal-cli.js';
import { freePort } from './free-port.js';
import { startGuarded } from './guarded-process.js';
import { mavenInstall } from './maven-install.js';
import { indented, obtain, type FailureReasons } from './obtain.js';
import { officialDownload } from './official-download.js';
import { PROJECT_CACHE } from './project-paths.js';
import { CALL_MS, connectionToStarting, START_LIMIT_MS, untilItWorks, untilReady } from './server-start.js';

const NAME = 'temporal-test-server';

/**
 * Finds Temporal's time-skipping test server, in which fifteen days pass in milliseconds. Looks at the project's cache;
 * then downloads it as `@temporalio/testing` does; then fetches it with Maven, which works on ARM too. If all fail, the
 * error says what would help and why each way failed.
 */
export async function locateTestServer(options: FindOptions = {}): Promise<FoundProgram> {
  const { onProgress = () => undefined, env = process.env, downloadSilenceMs: silenceMs } = options;
  const folder = join(options.cacheDir ?? join(PROJECT_CACHE, NAME), 'server');
  const path = join(folder, NAME);
  if (await isExecutable(path)) return { path, source: `${NAME}, the project's cache` };

  const download = async (workDir: string) => {
    const into = join(workDir, 'download');
    const downloaded = join(workDir, 'downloaded');
    await mkdir(into);
    await mkdir(downloaded);
    const file = await officialDownload({ what: 'time-skipping', into, env, onProgress, silenceMs });
    await rename(file, join(downloaded, NAME));
    return downloaded;
  };
  const build = (workDir: string) => mavenInstall({ into: workDir, name: NAME, env, onProgress });
  const source = await obtain({
    target: folder,
    title: 'time-skipping test server',
    download,
    build,
    tool: 'Maven',
    advice,
    onProgress,
  });
  return { path, source: `${NAME}, ${source}` };
}

/** Returns the path of the executable; see {@link locateTestServer}. */
export async function findTestServer(options: FindOptions = {}): Promise<string> {
  return (await locateTestServer(options)).path;
}

/**
 * Starts an environment on the time-skipping test server. All its workflows share one clock: run one test at a time. Its
 * `teardown` stops the server, which never outlives this process.
 */
export async function startTimeSkipping(options: FindOptions = {}): Promise<TestWorkflowEnvironment> {
  const command = await findTestServer(options);
  const port = await freePort();
  // Without `--enable-time-skipping`, which would skip always. As it is, time is skipped only while somebody waits for a
  // result or sleeps.
  const args = [String(port)];
  const server = await startGuarded({ command, args, env: options.env ?? process.env, stopSignal: 'SIGKILL' });
  const address = `127.0.0.1:${port}`;
  try {
    await untilReady(server, "Temporal's test server", (signal) => untilAnswers(address, signal));
    const environment = await (TestWorkflowEnvironment as unknown as AtAddress).create({
      server: { type: 'existing' },
      address,
      supportsTimeSkipping: true,
    });
    const disconnect = environment.teardown.bind(environment);
    const teardown = async () => {
      await disconnect();
      await server.stop();
    };
    return Object.assign(environment, { teardown });
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * Private in the SDK's types. Its public `createTimeSkipping` gives the server five seconds to start, which is too short on
 * a busy machine, and its `createFromExistingServer` skips no time.
 */
interface AtAddress {
  create(options: {
    readonly server: { readonly type: 'existing' };
    readonly address: string;
    readonly supportsTimeSkipping: true;
  }): Promise<TestWorkflowEnvironment>;
}

async function untilAnswers(address: string, signal: AbortSignal): Promise<void> {
  const connection = connectionToStarting(address);
  const ask = () => connection.withDeadline(Date.now() + CALL_MS, () => connection.workflowService.getSystemInfo({}));
  try {
    await untilItWorks(ask, { limitMs: START_LIMIT_MS, signal });
  } finally {
    await connection.close();
  }
}

const advice = (reason: FailureReasons) => `There is no time-skipping test server here. Either helps:
  1. Let this machine download it from https://temporal.download
${indented(reason.download)}
  2. Install Java (11 or later) and Maven, and let them use Maven Central.
${indented(reason.build)}`;
