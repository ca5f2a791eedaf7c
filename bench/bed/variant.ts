import type { StartInput } from '../../src/client/start-input.js';

/**
 * One way of running deliveries that a part compares with others. `asIs` changes nothing. The others switch one feature
 * off, or try one that does not exist yet.
 */
export interface Variant {
  /** What `--variants` takes. */
  readonly name: string;
  /** For the report: what is different. */
  readonly title: string;
  /** Additional environment variables of the worker. */
  readonly workerEnv?: Readonly<Record<string, string>>;
  /** Modules of src/ that the workflow bundle takes from elsewhere. Both paths are from the project's root. */
  readonly sources?: Readonly<Record<string, string>>;
  /** Which deliveries are started on the plain task queue, whatever the client would choose. */
  readonly onPlainQueue?: (input: StartInput) => boolean;
  /** Changes an input before its start. */
  readonly input?: (input: StartInput) => StartInput;
}
