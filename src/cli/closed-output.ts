import { setImmediate as soon } from 'node:timers/promises';

/** The reader has what it wanted, as in `list --watch --json | head`: with `set -o pipefail` that must not be a failure. */
const CLOSED_PIPE = 0;
const FAILURE = 1;
/** What a write says when nobody reads any more: a pipe is closed, or a terminal is gone. */
const CLOSED: readonly unknown[] = ['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

/**
 * Ends the process quietly when nobody reads its stdout any more, as `head` does after some lines: what it would print is
 * wanted by nobody. Ends it with a line if stdout can't be written for another reason, such as a full disk. Without a stderr
 * there is nobody to tell, so the command goes on.
 */
export function endWithoutReader({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): void {
  stderr.on('error', () => undefined);
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (CLOSED.includes(error.code)) process.exit(CLOSED_PIPE);
    stderr.write(`rcs-delivery: stdout can't be written (${error.code ?? 'unknown'})\n`);
    process.exit(FAILURE);
  });
}

/**
 * Resolves when everything is written. If that fails, the process has ended by then. Where nothing waits, nothing is tried:
 * a role prints nothing, and may have logged to a full disk.
 */
export async function written(stdout: NodeJS.WriteStream): Promise<void> {
  if (stdout.writableLength > 0) {
    await new Promise<void>((resolve) => {
      stdout.write('', () => {
        resolve();
      });
    });
  }
  await soon();
}
