import { basename } from 'node:path';
import { startGuarded, type GuardedProcess, type GuardedProcessOptions } from './guarded-process.js';

const PROGRESS_EVERY_MS = 5_000;

export interface RunToolOptions extends GuardedProcessOptions {
  /** Ended by force after this long. */
  readonly limitMs: number;
  /** Called every few seconds, so that nobody thinks it hangs. */
  readonly onTick?: (elapsedSeconds: number) => void;
  /** Asked often; a reason to end it before it ends by itself, or nothing. */
  readonly endEarly?: (elapsedMs: number) => string | undefined;
}

/** Runs a program to its end and returns what it wrote last. Throws, with its last lines, unless it ended well and in time. */
export async function runTool(options: RunToolOptions): Promise<string> {
  const name = basename(options.command);
  const tool = await startGuarded(options);
  const stopped = await superviseUntilEnd(tool, options);
  if (stopped !== undefined) throw new Error(stopped);
  const code = await tool.ended;
  if (code !== 0) throw new Error(tool.lastLines() || `${name} failed, exit code ${String(code)}`);
  return tool.lastLines();
}

/** Resolves when the tool has ended; with a reason if it was us who ended it. */
async function superviseUntilEnd(tool: GuardedProcess, options: RunToolOptions): Promise<string | undefined> {
  const start = Date.now();
  let reason: string | undefined;
  const ticks = setInterval(() => {
    options.onTick?.(Math.round((Date.now() - start) / 1000));
  }, PROGRESS_EVERY_MS);
  const watch = setInterval(() => {
    const elapsed = Date.now() - start;
    const late = elapsed > options.limitMs ? `no end after ${Math.round(elapsed / 1000)} s` : undefined;
    if (reason !== undefined) return;
    reason = late ?? options.endEarly?.(elapsed);
    if (reason !== undefined) void tool.stop();
  }, 100);
  await tool.ended;
  clearInterval(ticks);
  clearInterval(watch);
  return reason;
}
