import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { kindsOfTests } from './test/support/kinds-of-tests.js';
import { WAIT } from './test/support/wait.js';

/**
 * Start these first: one of them at the end would keep the run waiting for it alone. Those that mostly wait are beside those
 * that mostly compute. Affects only how long a run takes.
 */
const LONGEST = [
  'deploy/versions',
  'e2e/outages',
  'e2e/resets',
  'e2e/look-back',
  'e2e/deliveries',
  'package/',
  'dev/demo.',
  'cli/change',
  'dev/demo-elsewhere',
  'privacy/privacy-twilio',
  'e2e/encryption',
  'docs/commands',
  'scenarios/',
  'privacy/',
  'e2e/',
  'examples/',
  'observability/',
  'cli/roles',
  'workflows/',
  'dev/temporal',
  'webhook/delivery-signals',
  'activities/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.includes(`/test/${name}`));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

const { fast, stack, alone } = kindsOfTests();
const buildProgram = 'test/setup/build-program.ts';
const withTemporal = [buildProgram, 'test/setup/temporal-server.ts'];

/** The `fast` tests only compute. The `stack` tests use servers, processes and Temporal; so do those that run `alone`. */
export default defineConfig({
  test: {
    projects: [
      // The files of these two share the modules that one of them has loaded. Loading would be most of the work.
      { extends: true, test: { name: 'fast', include: fast, globalSetup: [buildProgram], isolate: false } },
      { extends: true, test: { name: 'stack', include: stack, globalSetup: withTemporal, isolate: false } },
      { extends: true, test: { name: 'alone', include: alone, globalSetup: withTemporal } },
    ],
    setupFiles: ['test/setup/property-seed.ts'],
    sequence: { sequencer: LongestFirst },
    // For two cores: the deliveries of most stack tests wait more than they work.
    maxWorkers: 4,
    // Room for a machine that is several times slower than usual.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: WAIT } },
    // How many tests of a file may run side by side. Most of them wait for a delivery.
    maxConcurrency: 50,
  },
});
