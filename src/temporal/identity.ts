import { hostname } from 'node:os';
import { VERSION } from '../observability/version.js';

/**
 * How this process names itself to Temporal, such as `rcs-delivery-worker/0.1.0@host#4711`. Histories and
 * `temporal task-queue describe` show it. The process id tells two on one host apart.
 */
export const identityOf = (program: string): string => `${program}/${VERSION}@${hostname()}#${String(process.pid)}`;
