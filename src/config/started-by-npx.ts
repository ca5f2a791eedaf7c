import type { Environment } from './read-environment.js';

/** Whether npx started this process. npm sets this variable for the programs it runs. */
export function startedByNpx(environment: Environment = process.env): boolean {
  return environment['npm_lifecycle_event'] === 'npx';
}
