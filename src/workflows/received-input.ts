import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { FailureType } from '../contract/failures.js';
import { cleartextOf, SEALED, SealedPayloadError } from '../encryption/payloads/as-received.js';
import { measureCleartext } from './metrics.js';
import { isDecided } from './set-aside.js';

/**
 * The workflow's input, which must have come as this worker allows it. Fails the workflow task if it is encrypted and can't
 * be decrypted here: another worker can. Throws a non-retryable EncryptionRequired if it is not encrypted and must be.
 * A replay repeats what was decided, whatever is required by then.
 */
export function receivedInput(input: unknown): unknown {
  openedInput(input);
  measureCleartext('start', input);
  if (!isDecided('cleartext-refused', cleartextOf(input) === 'refused')) return input;
  const sent = mayBeRetried()
    ? 'Unless a worker without that requirement had begun it, nothing was sent'
    : 'Nothing was sent';
  throw ApplicationFailure.create({
    type: FailureType.EncryptionRequired,
    message: `The input is not encrypted, and the workers require that. ${sent}. Give the starter the keys.`,
    nonRetryable: true,
  });
}

/** False only for the first try of the first workflow task, with no signal before: its start is then event 3. */
const mayBeRetried = () => workflowInfo().historyLength > 3;

/** The same for an input that may come in cleartext. */
export function openedInput<Input>(input: Input): Input {
  if (input === SEALED) throw new SealedPayloadError('the input');
  return input;
}
