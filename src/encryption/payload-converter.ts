import { DefaultPayloadConverter, type Payload } from '@temporalio/common';

/**
 * Temporal's own converter, but for what it can't read: that becomes `undefined`, which every handler refuses as bad input.
 * Otherwise a signal that is no JSON would fail the workflow task again and again, block its delivery, and leave the
 * parser's quote of it, with whatever is personal in it, in the history.
 */
class LenientPayloadConverter extends DefaultPayloadConverter {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the signature is the SDK's
  override fromPayload<T>(payload: Payload): T {
    try {
      return super.fromPayload<T>(payload);
    } catch {
      return undefined as T;
    }
  }
}

export const payloadConverter = new LenientPayloadConverter();
