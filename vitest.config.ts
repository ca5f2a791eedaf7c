import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Builds dist when it is stale, and gets Temporal's two servers: minutes on a new machine, nothing after that.
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/property-seed.ts'],
    // The time-skipping server and the dev server share two cores with the tests: a few files at a time.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Of deliveries that wait side by side.
    maxConcurrency: 50,
  },
});
