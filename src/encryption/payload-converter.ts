import { DefaultPayloadConverter, type Payload } from '@temporalio/common';

/**
 * Temporal's own converter, but for JSON that is none: that becomes `undefined`, which every handler refuses as bad input.
 * Otherwise a signal that is no JSON would fail the workflow task again and again, block its delivery, and leave the
 * parser's quote of it, with whatever is personal in it, in the history.
 */
class LenientPayloadConverter extends DefaultPayloadConverter {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the signature is the SDK's
  override fromPayload<T>(payload: Payload): T {
    try {
      return super.fromPayload<T>(payload);
    } catch (error) {
      // Anything else, such as a payload whose key is missing here, must wait until it can be read.
      if (encodingOf(payload) !== 'json/plain') throw error;
      return undefined as T;
    }
  }
}

const encodingOf = ({ metadata }: Payload) => String.fromCharCode(...(metadata?.['encoding'] ?? []));

export const payloadConverter = new LenientPayloadConverter();
