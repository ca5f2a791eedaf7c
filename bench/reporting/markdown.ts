import { short } from './numbers.js';
import type { Machine } from './machine.js';
import type { PartReport, Table } from './section.js';

/** The report for people. */
export function markdownOf(machine: Machine, sections: readonly PartReport[]): string {
  const { date, commit, seed, node, temporal, cpu, cores, memoryGb, loadBefore, canMeasureCpu } = machine;
  return [
    '# Benchmark',
    '',
    `${date}, commit ${commit}, seed ${seed}. ${cpu}, ${cores} cores, ${memoryGb} GB; load before the run ${short(loadBefore)}.`,
    `Node ${node}. ${temporal}, in memory.`,
    ...(canMeasureCpu ? [] : ['This machine has no /proc, so CPU and memory of processes are left out.']),
    '',
    '![The figures as bars](report.svg)',
    ...sections.flatMap((section) => [
      '',
      `## ${section.title}`,
      ...others(section),
      ...section.tables.flatMap(markdownTable),
    ]),
    '',
  ].join('\n');
}

/** They make everything later, and CPU a little dearer. */
function others({ otherPrograms }: PartReport): string[] {
  return otherPrograms === undefined ? [] : ['', `Other programs used ${short(otherPrograms)} cores meanwhile.`];
}

function markdownTable({ title, columns, rows }: Table): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return ['', `**${title}**`, '', line(columns), line(columns.map(() => '---')), ...rows.map(line)];
}
