import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts a failure's message and stack trace into a payload, so that the codec encrypts them too. Temporal's SDK loads this
 * file by its path, with `require`, and bundles it with the workflows: it has to stay free of anything but the SDK. Nothing
 * in here may need a compiler either: tests load it as it is.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
