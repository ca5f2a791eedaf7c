import type { LoadedDataConverter, Payload } from '@temporalio/common';
import { isEncrypted, mayHaveKey } from '../encryption/payloads/encrypted-payload.js';

/** Decodes payloads with a data converter, as the SDK does it for a client. */
export interface PayloadReader {
  /**
   * The values of the payloads; undefined for one that is not valid JSON, as in the workflow. Throws what the codec throws,
   * and for an encoding that nobody here knows: an encrypted payload without a codec must not count as nothing.
   */
  values(payloads: Payloads): Promise<readonly unknown[]>;
  /** The first of them. */
  value(payloads: Payloads): Promise<unknown>;
  /**
   * The first value of what somebody sent to a workflow; undefined for what no key decrypts and for an unknown encoding, as
   * in the workflow. Throws what the codec throws, and for an encrypted payload without a codec.
   */
  received(payloads: Payloads): Promise<unknown>;
}

export type Payloads = { readonly payloads?: Payload[] | null } | null | undefined;

export function createPayloadReader({ payloadConverter, payloadCodecs }: LoadedDataConverter): PayloadReader {
  const valueOf = (payload: Payload): unknown => {
    try {
      return payloadConverter.fromPayload(payload);
    } catch (error) {
      if (['', 'json/plain'].includes(encodingOf(payload))) return undefined;
      throw error;
    }
  };
  async function decoded(given: Payloads): Promise<readonly Payload[]> {
    let payloads = given?.payloads ?? [];
    for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
    return payloads;
  }
  const values = async (given: Payloads) => (await decoded(given)).map(valueOf);
  async function received(given: Payloads): Promise<unknown> {
    const [payload] = given?.payloads ?? [];
    if (payload === undefined || (isEncrypted(payload) && !mayHaveKey(payload))) return undefined;
    const [plain = {}] = await decoded({ payloads: [payload] });
    if (isEncrypted(plain) && !mayHaveKey(plain)) return undefined;
    try {
      return payloadConverter.fromPayload(plain);
    } catch (error) {
      if (isEncrypted(plain)) throw error;
      return undefined;
    }
  }
  return { values, value: async (payloads) => (await values(payloads))[0], received };
}

const encodingOf = ({ metadata }: Payload) => Buffer.from(metadata?.['encoding'] ?? []).toString('utf8');
