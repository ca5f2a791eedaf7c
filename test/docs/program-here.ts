import { once } from 'node:events';
import { symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { testTerminal } from '../cli/test-terminal.js';
import type { Ended } from '../cli/program.js';

/** Posts its standard input with its arguments and variables to the socket, and prints what comes back. */
const programFor = (socketPath: string) => `#!/usr/bin/env node
const { request } = require('node:http');
const call = encodeURIComponent(JSON.stringify({ args: process.argv.slice(2), environment: process.env }));
const post = request({ socketPath: ${JSON.stringify(socketPath)}, method: 'POST', headers: { call } }, async (response) => {
  let answer = '';
  for await (const chunk of response.setEncoding('utf8')) answer += chunk;
  const { code, stdout, stderr } = JSON.parse(answer);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exit(code);
});
post.flushHeaders();
process.stdin.pipe(post);
`;

/**
 * Writes a program `rcs-delivery` into the folder. Shells start it, but its commands run in this process, which costs a
 * tenth of a process of their own.
 */
export async function writeProgram(folder: string): Promise<{ readonly stop: () => Promise<void> }> {
  const socketPath = join(folder, 'socket');
  const server = createServer({ maxHeaderSize: 100_000 }, (request, response) => {
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    runFor(request, gone.signal).then(
      (ended) => response.end(JSON.stringify(ended)),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  await once(server.listen(socketPath), 'listening');
  // A link, because Node sees from its target's ending how to read it.
  await writeFile(join(folder, 'program.cjs'), programFor(socketPath), { mode: 0o755 });
  await symlink('program.cjs', join(folder, 'rcs-delivery'));
  return {
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Runs the command with the request's body as its standard input. The signal interrupts it. */
async function runFor(request: IncomingMessage, signal: AbortSignal): Promise<Ended> {
  const { args, environment } = JSON.parse(decodeURIComponent(String(request.headers['call']))) as {
    readonly args: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
  };
  const { terminal, printed } = testTerminal({ environment, signal });
  const code = await runProgram(args, { ...terminal, stdin: request });
  return { code, stdout: printed.stdout(), stderr: printed.stderr() };
}
