import type { Environment } from './read-environment.js';

/** The environment of this process. In a file of its own, because `rcs-delivery --help` loads no code that reads it. */
export const processEnvironment = (): Environment => process.env;
