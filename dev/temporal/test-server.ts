import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { isExecutable } from './find-on-path.js';
import type { FindOptions, FoundProgram } from './find-temporal-cli.js';
import { mavenInstall } from './maven-install.js';
import { obtain, type FailureReasons } from './obtain.js';
import { officialDownload } from './official-download.js';
import { PROJECT_CACHE } from './project-paths.js';

const NAME = 'temporal-test-server';
const START_ATTEMPTS = 6;

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

/** Starts an environment on the time-skipping test server. All its workflows share one clock: run one test at a time. */
export async function startTimeSkipping(options: FindOptions = {}): Promise<TestWorkflowEnvironment> {
  const path = await findTestServer(options);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({
        server: { executable: { type: 'existing-path', path } },
      });
    } catch (error) {
      // The SDK waits five seconds, which can be too short on a busy machine.
      const tooSlow = error instanceof Error && error.message.includes('did not start within');
      if (!tooSlow || attempt === START_ATTEMPTS) throw error;
    }
  }
}

const advice = (reason: FailureReasons) => `There is no time-skipping test server here. Either helps:
  1. Give this machine access to https://temporal.download for the official download. It failed: ${reason.download}
  2. Install Java (11 or later) and Maven, and give them access to Maven Central. It failed: ${reason.build}`;
