import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Moves a failure's message and stack trace into a payload, so that the codec encrypts them too. Temporal's SDK loads this
 * file by its path with `require`, and bundles it with the workflows. So it may import only the SDK, and must be valid
 * JavaScript as it is: tests load it uncompiled.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
