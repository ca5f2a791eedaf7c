import { withTestBed } from '../bed/test-bed.js';
import { createMessages } from '../load/messages.js';
import type { Part } from '../part.js';
import { bar } from '../reporting/numbers.js';
import { exactCosts, exactCostTable } from './exact-costs.js';
import { loadCosts, loadCostTable } from './load-costs.js';

/** What a delivery costs: exact counts, and CPU as a ratio to a bare workflow. */
export const costPart: Part = async ({ quick, random, profileDir, say }) => {
  const messages = createMessages(random);
  const exact = await exactCosts(messages);
  say('cost: exact counts done');
  return withTestBed({ profileDir }, async (bed) => {
    const size = quick ? { count: 80, rounds: 2 } : { count: 200, rounds: 5 };
    const load = await loadCosts({ bed, messages, random, profileDir, say, ...size });
    const ratios = (of: 'serverRatio' | 'workerRatio', process: string) =>
      load.flatMap(({ kind, [of]: ratio }) => (ratio === undefined ? [] : [bar(`${kind}, ${process}`, ratio)]));
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
