import { Readable } from 'node:stream';
import type { Output, Terminal } from '../../src/cli/terminal.js';

export interface TestTerminal {
  readonly terminal: Terminal;
  /** What the command has printed so far. */
  readonly printed: { readonly stdout: () => string; readonly stderr: () => string };
}

export interface TestTerminalOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Interrupts the command. Default: nothing does. */
  readonly signal?: AbortSignal;
}

/** A terminal whose streams are no terminals, as of a command in a pipe. */
export function testTerminal(options: TestTerminalOptions = {}): TestTerminal {
  const { environment = {}, stdin = '', signal = new AbortController().signal } = options;
  const [stdout, stderr] = [collect(), collect()];
  return {
    terminal: {
      stdin: Readable.from([stdin]),
      stdout: stdout.output,
      stderr: stderr.output,
      environment,
      shutdownSignal: () => signal,
    },
    printed: { stdout: stdout.text, stderr: stderr.text },
  };
}

function collect(): { readonly output: Output; readonly text: () => string } {
  let text = '';
  return { output: { write: (more) => (text += more) }, text: () => text };
}
