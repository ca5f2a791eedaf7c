import { DefaultPayloadConverter, type Payload } from '@temporalio/common';

/** The encoding of encrypted payloads. Temporal's samples use the same, so tools recognise it. */
export const ENCRYPTED = 'binary/encrypted';

/**
 * Temporal's default converter, except that an unreadable payload (invalid JSON, unknown encoding) becomes `undefined`.
 * Every handler refuses that as bad input. An error would fail the workflow task again and again, block the delivery,
 * and leave the parser's quote of the payload, possibly with personal data, in the history.
 * Only for the workflow bundle: everywhere else, an unreadable payload must be an error.
 */
class LenientPayloadConverter extends DefaultPayloadConverter {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the signature is the SDK's
  override fromPayload<T>(payload: Payload): T {
    try {
      return super.fromPayload<T>(payload);
    } catch (error) {
      // The worker lacks PAYLOAD_ENCRYPTION_KEYS: the delivery must wait until a worker can decrypt.
      if (encodingOf(payload) === ENCRYPTED) throw error;
      return undefined as T;
    }
  }
}

const encodingOf = ({ metadata }: Payload) => String.fromCharCode(...(metadata?.['encoding'] ?? []));

export const payloadConverter = new LenientPayloadConverter();
