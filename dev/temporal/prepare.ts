import { createProgress } from '../terminal/progress.js';
import { messageOf } from './message-of.js';
import { prepareServers } from './prepare-servers.js';

/** Prepares both servers: `npx tsx dev/temporal/prepare.ts`. */
try {
  await prepareServers({
    onProgress: createProgress({ out: process.stdout, prefix: 'temporal: ' }),
  });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
