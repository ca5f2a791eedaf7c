import { CommandFailedError } from './command-failed-error.js';

/** Temporal or every worker is out of reach: the same command may do it later. */
export class OutOfReachError extends CommandFailedError {}
