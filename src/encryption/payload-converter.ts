import { DefaultPayloadConverter, type Payload } from '@temporalio/common';
import { forWorkflow, noteCleartext, SEALED } from './payloads/as-received.js';
import { isEncrypted, mayHaveKey } from './payloads/encrypted-payload.js';

type Context = Parameters<DefaultPayloadConverter['fromPayload']>[1];

/**
 * Temporal's default converter, except that an unreadable payload (invalid JSON, unknown encoding, encrypted in a form that
 * no key decrypts) becomes `undefined`. Every handler refuses that as bad input. An error would fail the workflow task
 * again and again, block the delivery, and leave the parser's quote of the payload in the history.
 * Only for the workflow bundle: everywhere else, an unreadable payload must be an error.
 */
class LenientPayloadConverter extends DefaultPayloadConverter {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the signature is the SDK's
  override fromPayload<T>(given: Payload, context?: Context): T {
    const payload = context?.type === 'activity' ? forWorkflow(given) : given;
    if (isEncrypted(payload)) return sealed(payload, context) as T;
    try {
      const value = super.fromPayload<T>(payload, context);
      noteCleartext(value, payload);
      return value;
    } catch {
      return undefined as T;
    }
  }
}

/**
 * What a client sent (an input, a signal, an update) is the workflow's to judge. Without the end of an activity nothing can
 * be decided, so a worker that can't read it must not go on.
 */
function sealed(payload: Payload, context: Context): typeof SEALED | undefined {
  if (context?.type !== 'workflow') throw new Error('the end of an activity is encrypted, and this worker has no key');
  return mayHaveKey(payload) ? SEALED : undefined;
}

export const payloadConverter = new LenientPayloadConverter();
