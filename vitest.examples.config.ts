import { defineConfig } from 'vitest/config';

/**
 * `npm run examples`: the starters in Python, Go and Java, and Temporal behind TLS. Needs those toolchains and openssl, and
 * loads packages the first time.
 */
export default defineConfig({
  test: {
    include: ['test/examples/**/*.examples.ts'],
    globalSetup: ['test/setup/build-program.ts', 'test/setup/temporal-server.ts'],
    testTimeout: 120_000,
    hookTimeout: 900_000,
    reporters: ['verbose'],
  },
});
