import { execFile } from 'node:child_process';
import { cpus, totalmem, loadavg } from 'node:os';
import { promisify } from 'node:util';
import { findTemporalCli } from '../../dev/temporal/find-temporal-cli.js';

/** Where and on what the figures were measured. */
export interface Machine {
  readonly date: string;
  readonly seed: number;
  readonly commit: string;
  readonly node: string;
  readonly temporal: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  /** Load average of the last minute before the run: other programs that compete. */
  readonly loadBefore: number;
  /** False without /proc: then the report has no CPU and no memory of processes. */
  readonly canMeasureCpu: boolean;
}

const run = promisify(execFile);

export async function describeMachine(seed: number): Promise<Machine> {
  const commit = await run('git', ['describe', '--always', '--dirty', '--abbrev=9']).catch(() => ({
    stdout: 'unknown',
  }));
  const { path } = await findTemporalCli({});
  const { stdout: temporal } = await run(path, ['--version']);
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    seed,
    commit: commit.stdout.trim(),
    node: process.version,
    temporal: temporal.trim(),
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    loadBefore: loadavg()[0] ?? 0,
    canMeasureCpu: process.platform === 'linux',
  };
}
