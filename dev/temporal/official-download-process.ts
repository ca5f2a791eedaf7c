import { TestWorkflowEnvironment } from '@temporalio/testing';

/** Run by official-download.ts with what to download and where to. Starting the server once is how the SDK downloads it. */
const [what, downloadDir] = process.argv.slice(2);
if (downloadDir === undefined) throw new Error('Usage: official-download-process.ts dev-server|time-skipping FOLDER');
const options = { server: { executable: { type: 'cached-download', downloadDir } } } as const;

try {
  const create = what === 'dev-server' ? 'createLocal' : 'createTimeSkipping';
  const environment = await TestWorkflowEnvironment[create](options);
  await environment.teardown();
} catch (error) {
  // The SDK's message names the address several times over; the cause stands last.
  console.error(error instanceof Error ? error.message.split('): ').at(-1) : error);
  process.exitCode = 1;
}
