import type { LoadedDataConverter, Payload } from '@temporalio/common';

/** Decodes payloads with a data converter, as the SDK does it for a client. */
export interface PayloadReader {
  /**
   * The values of the payloads; undefined for one that is not valid JSON, as in the workflow. Throws what the codec throws,
   * and for an encoding that nobody here knows: an encrypted payload without a codec must not count as nothing.
   */
  values(payloads: Payloads): Promise<readonly unknown[]>;
  /** The first of them. */
  value(payloads: Payloads): Promise<unknown>;
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
  async function values(given: Payloads): Promise<readonly unknown[]> {
    let payloads = given?.payloads ?? [];
    for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
    return payloads.map(valueOf);
  }
  return { values, value: async (payloads) => (await values(payloads))[0] };
}

const encodingOf = ({ metadata }: Payload) => Buffer.from(metadata?.['encoding'] ?? []).toString('utf8');
