import { TestWorkflowEnvironment } from '@temporalio/testing';

/** Started by official-download.ts. The SDK downloads a server when it first starts it, so this starts it once. */
const [what, downloadDir] = process.argv.slice(2);
if (downloadDir === undefined) throw new Error('Usage: official-download-process.ts dev-server|time-skipping FOLDER');
const options = { server: { executable: { type: 'cached-download', downloadDir } } } as const;

try {
  const create = what === 'dev-server' ? 'createLocal' : 'createTimeSkipping';
  const environment = await TestWorkflowEnvironment[create](options);
  await environment.teardown();
} catch (error) {
  // The SDK's message repeats the address; the cause is its last part.
  console.error(error instanceof Error ? error.message.split('): ').at(-1) : error);
  process.exitCode = 1;
}
