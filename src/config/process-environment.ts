import type { Environment } from './read-environment.js';

/** The environment of this process. In a file of its own, so that `rcs-delivery --help` does not load the schemas. */
export const processEnvironment = (): Environment => process.env;
