import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './machine.js';
import { markdownOf } from './markdown.js';
import type { PartReport } from './section.js';
import { svgOf } from './svg.js';

export interface Report {
  readonly machine: Machine;
  readonly sections: readonly PartReport[];
}

/** Writes report.md, report.json and report.svg. Returns the path of report.md. */
export async function writeReport(dir: string, { machine, sections }: Report): Promise<string> {
  await mkdir(dir, { recursive: true });
  const parts = sections.map(({ title, otherPrograms, figures }) => ({ title, otherPrograms, figures }));
  const page = join(dir, 'report.md');
  await writeFile(page, markdownOf(machine, sections));
  await writeFile(join(dir, 'report.json'), `${JSON.stringify({ machine, sections: parts }, null, 2)}\n`);
  await writeFile(join(dir, 'report.svg'), svgOf(sections.flatMap(({ charts }) => charts)));
  return page;
}
