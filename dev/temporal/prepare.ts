import { messageOf } from './message-of.js';
import { prepareServers } from './prepare-servers.js';

/** Prepares both servers: `npx tsx dev/temporal/prepare.ts`. */
try {
  await prepareServers({
    onProgress: (line) => {
      console.log(`temporal: ${line}`);
    },
  });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
