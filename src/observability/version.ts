import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** The version of this package, such as `0.1.0`. */
export const VERSION: string = version;
