import { ApplicationFailure } from '@temporalio/workflow';
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
  throw ApplicationFailure.create({
    type: FailureType.EncryptionRequired,
    message: 'The input is not encrypted, and the workers require that. Nothing was sent. Give the starter the keys.',
    nonRetryable: true,
  });
}

/** The same for an input that may come in cleartext. */
export function openedInput<Input>(input: Input): Input {
  if (input === SEALED) throw new SealedPayloadError('the input');
  return input;
}
