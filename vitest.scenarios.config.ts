import { defineConfig } from 'vitest/config';

/** `npm run scenarios`: 320 random scenarios through the real workflow, under a new seed each time. About two minutes. */
export default defineConfig({
  test: {
    include: ['test/scenarios/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
