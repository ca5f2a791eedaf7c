import type { Environment } from './read-environment.js';

/** npm says so itself, to whatever it runs. */
export function startedByNpx(environment: Environment = process.env): boolean {
  return environment['npm_lifecycle_event'] === 'npx';
}
