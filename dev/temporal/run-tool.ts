import { basename } from 'node:path';
import { durationText } from '../terminal/text.js';
import { startGuarded, type GuardedProcess, type GuardedProcessOptions } from './guarded-process.js';

const TICK_MS = 1_000;

export interface RunToolOptions extends GuardedProcessOptions {
  /** The tool is stopped after this long. */
  readonly limitMs: number;
  /** Called every second, to show that the tool still runs. `elapsed` such as `1 min 20 s`. */
  readonly onTick?: (elapsed: string) => void;
  /** Called ten times a second. Returns a reason to stop the tool now, or undefined. */
  readonly endEarly?: (elapsedMs: number) => string | undefined;
}

/** Runs a program until it exits. Returns its last lines of output. Throws them if it fails or is stopped. */
export async function runTool(options: RunToolOptions): Promise<string> {
  const name = basename(options.command);
  const tool = await startGuarded(options);
  const stopped = await superviseUntilEnd(tool, options);
  if (stopped !== undefined) throw new Error([stopped, tool.lastLines()].filter((part) => part !== '').join('\n'));
  const code = await tool.ended;
  if (code !== 0) throw new Error(tool.lastLines() || `${name} failed, exit code ${String(code)}`);
  return tool.lastLines();
}

/** Resolves when the tool has exited; with a reason if it was stopped here. */
async function superviseUntilEnd(tool: GuardedProcess, options: RunToolOptions): Promise<string | undefined> {
  const start = Date.now();
  let reason: string | undefined;
  const ticks = setInterval(() => {
    options.onTick?.(durationText(Date.now() - start));
  }, TICK_MS);
  const watch = setInterval(() => {
    const elapsed = Date.now() - start;
    const late = elapsed > options.limitMs ? `still running after ${durationText(elapsed)}` : undefined;
    if (reason !== undefined) return;
    reason = late ?? options.endEarly?.(elapsed);
    if (reason !== undefined) void tool.stop();
  }, 100);
  await tool.ended;
  clearInterval(ticks);
  clearInterval(watch);
  return reason;
}
