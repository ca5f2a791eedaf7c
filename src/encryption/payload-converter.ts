import { DefaultPayloadConverter, type Payload } from '@temporalio/common';
import { ENCRYPTED } from './encoding.js';

/**
 * Temporal's own converter, but for what it can't read: JSON that is none, a foreign encoding. That becomes `undefined`, which
 * every handler refuses as bad input. Otherwise such a signal would fail the workflow task again and again, block its
 * delivery, and leave the parser's quote of it, with whatever is personal in it, in the history.
 */
class LenientPayloadConverter extends DefaultPayloadConverter {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the signature is the SDK's
  override fromPayload<T>(payload: Payload): T {
    try {
      return super.fromPayload<T>(payload);
    } catch (error) {
      // That is a worker without PAYLOAD_ENCRYPTION_KEYS: it must wait until it can be read.
      if (encodingOf(payload) === ENCRYPTED) throw error;
      return undefined as T;
    }
  }
}

const encodingOf = ({ metadata }: Payload) => String.fromCharCode(...(metadata?.['encoding'] ?? []));

export const payloadConverter = new LenientPayloadConverter();
