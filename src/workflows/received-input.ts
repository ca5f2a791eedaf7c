import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { FailureType } from '../contract/failures.js';
import { INPUT_REFUSED_PATCH, type FormerRuns } from '../contract/former-run.js';
import { cleartextOf, SEALED, SealedPayloadError } from '../encryption/payloads/as-received.js';
import { measureCleartext } from './metrics.js';
import { isResetRun } from './reset-watch.js';
import { isDecided } from './set-aside.js';

/**
 * The workflow's input, which must have come as this worker allows it. Fails the workflow task if it is encrypted and can't
 * be decrypted here: another worker can. Throws a non-retryable EncryptionRequired if it is not encrypted and must be.
 * A replay repeats what was decided, whatever is required by then. After a reset, {@link createLateRefusal} decides.
 */
export function receivedInput(input: unknown): unknown {
  openedInput(input);
  measureCleartext('start', input);
  if (!isDecided(INPUT_REFUSED_PATCH, isRefused(input) && !isResetRun())) return input;
  throw refusal(mayBeRetried() ? 'Unless a worker without that requirement had begun it, nothing was sent' : NOT_SENT);
}

/** The same for an input that may come in cleartext. */
export function openedInput<Input>(input: Input): Input {
  if (input === SEALED) throw new SealedPayloadError('the input');
  return input;
}

export interface LateRefusal {
  /** Call it with what the runs before the reset had learned. */
  readonly lookedBack: (former: FormerRuns) => void;
  /** Throws an EncryptionRequired. */
  readonly throwIfRefused: () => void;
}

/**
 * A delivery that had begun goes on after a reset, although its input is in cleartext. But a reset must not start one that
 * was refused. Only the look-back knows which it is.
 */
export function createLateRefusal(input: unknown): LateRefusal {
  let isNotTaken = false;
  return {
    lookedBack({ inputTaken }) {
      isNotTaken = isDecided(INPUT_REFUSED_PATCH, isRefused(input) && inputTaken === false);
    },
    throwIfRefused() {
      if (isNotTaken) throw refusal(NOT_SENT);
    },
  };
}

const isRefused = (input: unknown) => cleartextOf(input) === 'refused';
const NOT_SENT = 'Nothing was sent';

const refusal = (sent: string) =>
  ApplicationFailure.create({
    type: FailureType.EncryptionRequired,
    message: `The input is not encrypted, and the workers require that. ${sent}. Give the starter the keys.`,
    nonRetryable: true,
  });

/** False only for the first try of the first workflow task, with no signal before: its start is then event 3. */
const mayBeRetried = () => workflowInfo().historyLength > 3;
