import { withTestBed } from '../bed/test-bed.js';
import { createMessages } from '../load/messages.js';
import type { Part } from '../part.js';
import { bar } from '../reporting/numbers.js';
import { exactCosts, exactCostTable } from './exact-costs.js';
import { loadCosts, loadCostTable, TITLES } from './load-costs.js';

const LOADS = {
  quick: { count: 40, rounds: 1 },
  usual: { count: 60, rounds: 8 },
  full: { count: 60, rounds: 20 },
} as const;

/** What a delivery costs: exact counts, and CPU as a ratio to a bare workflow. */
export const costPart: Part = async ({ extent, random, profileDir, say }) => {
  const messages = createMessages(random);
  const exact = await exactCosts(messages);
  say('cost: exact counts done');
  return withTestBed({ profileDir }, async (bed) => {
    const load = await loadCosts({ bed, messages, random, profileDir, say, ...LOADS[extent] });
    const ratios = (of: 'serverRatio' | 'workerRatio', process: string) =>
      load.flatMap(({ kind, [of]: ratio }) => (ratio === undefined ? [] : [bar(`${TITLES[kind]}, ${process}`, ratio)]));
    return {
      title: 'Cost of a delivery',
      tables: [exactCostTable(exact), loadCostTable(load)],
      charts: [
        {
          title: 'CPU per delivery, as a ratio to a bare workflow',
          unit: '',
          bars: [...ratios('serverRatio', 'server'), ...ratios('workerRatio', 'worker')],
        },
      ],
      figures: { exact, load },
    };
  });
};
