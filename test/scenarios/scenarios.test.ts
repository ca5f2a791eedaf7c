import { createHash, randomInt } from 'node:crypto';
import process from 'node:process';
import { Worker } from '@temporalio/worker';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OUTCOMES, type MessageDeliveryResult } from '../../src/contract/status.js';
import { brokenBy } from './guarantees.js';
import { scenarios } from './scenario.js';
import { openStage, type Cast, type Run, type Stage } from './stage.js';
import { WORLDS } from './worlds.js';

/*
 * Random scenarios through the real workflow and activities, over real HTTP, with the simulator's ground truth as referee.
 * A failure prints its seed: SCENARIO_SEED=… plays the same scenarios again, SCENARIO_ONLY=12,40 only some of them.
 */
const SCENARIOS = 320;
const BATCH = 80;
const REPLAYED_AT_ONCE = 40;
const SEED = Number(process.env['SCENARIO_SEED'] ?? randomInt(2 ** 31));
const ONLY = process.env['SCENARIO_ONLY']?.split(',').map(Number);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.stop());

/** The same for the same seed, whichever of them are played. */
function castsOf(seed: number): Cast[] {
  return fc.sample(scenarios, { seed, numRuns: SCENARIOS }).flatMap((scenario, index) => {
    const world = WORLDS[index % WORLDS.length];
    if (world === undefined || ONLY?.includes(index) === false) return [];
    return [{ scenario, index, world, recipient: `+1555010${String(index).padStart(4, '0')}` }];
  });
}

test(`${String(SCENARIOS)} random scenarios keep every guarantee, and every history replays`, { timeout: 600_000 }, async () => {
  const runs = await playAll(castsOf(SEED));
  const broken = runs.flatMap((run) => brokenBy(run).map((guarantee) => ({ run, guarantee })));
  expect(broken.map(({ run, guarantee }) => `#${String(run.index)} ${guarantee}`), describe(broken)).toEqual([]);
  await expectToReplay(runs);
  if (ONLY === undefined) expectToCoverEverything(runs);
});
