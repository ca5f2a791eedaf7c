import { runProgram } from '../../src/cli/program.js';
import type { Ended } from './program.js';
import { testTerminal } from './test-terminal.js';

/**
 * Runs a command in this process, which costs a hundredth of a process of its own. ./program.js runs the real one: for
 * signals, for the roles, and where the process itself is tested.
 */
export async function runHere(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  stdin = '',
): Promise<Ended> {
  const { terminal, printed } = testTerminal({ environment, stdin });
  const code = await runProgram(args, terminal);
  return { code, stdout: printed.stdout(), stderr: printed.stderr() };
}
