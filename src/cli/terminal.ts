import type { Readable } from 'node:stream';
import type { Environment } from '../config/read-environment.js';

/** Where a command reads and prints, what configures it, and what interrupts it. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Environment;
  /** From this call on, Ctrl-C and SIGTERM abort the returned signal instead of ending the process. */
  readonly shutdownSignal: () => AbortSignal;
}

/** What commands use of Node's stdout and stderr. A file or a pipe has only `write`. */
export interface Output {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly hasColors?: () => boolean;
  readonly on?: (event: 'resize', act: () => void) => unknown;
  readonly off?: (event: 'resize', act: () => void) => unknown;
}
