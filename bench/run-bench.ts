import { mkdir } from 'node:fs/promises';
import { costPart } from './cost/cost-part.js';
import { growthPart } from './growth/growth-part.js';
import { hangingPart } from './hanging/hanging-part.js';
import { herdPart } from './herd/herd-part.js';
import { createRandom } from './load/random.js';
import type { BenchOptions } from './options.js';
import type { Part, PartName } from './part.js';
import { describeMachine } from './reporting/machine.js';
import { watchOtherPrograms } from './measure/other-programs.js';
import type { PartReport } from './reporting/section.js';
import { writeReport } from './reporting/write-report.js';

const PARTS: Readonly<Record<PartName, Part>> = {
  cost: costPart,
  growth: growthPart,
  herd: herdPart,
  hanging: hangingPart,
};

/** Runs the parts one after the other. Writes the report after each, so a failure loses only what comes later. */
export async function runBench({ parts, variants, seed, extent, out, profile }: BenchOptions): Promise<void> {
  const began = Date.now();
  const say = (line: string) => {
    process.stdout.write(`${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${line}\n`);
  };
  const machine = await describeMachine(seed);
  if (!machine.canMeasureCpu) say('This machine has no /proc: CPU and memory of processes are left out.');
  if (profile) await mkdir(out, { recursive: true });
  const sections: PartReport[] = [];
  for (const part of parts) {
    // Each part has its own stream, so that it makes the same messages with and without the others.
    const random = createRandom(seed);
    const others = await watchOtherPrograms();
    const section = await PARTS[part]({ extent, random, variants, profileDir: profile ? out : undefined, say });
    sections.push({ ...section, otherPrograms: await others() });
    say(`${part} done: ${await writeReport(out, { machine, sections })}`);
  }
}
