import { prepareServers } from './prepare-servers.js';

/** For vitest's `globalSetup`: no test's time limit has to cover a build. A suite without its servers fails here, at once. */
export async function setup(): Promise<void> {
  await prepareServers({
    onProgress: (line) => {
      console.log(`temporal: ${line}`);
    },
  });
}
