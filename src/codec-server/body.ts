import { CodecServerError } from './errors.js';

/** Of each payload's JSON: far more than one with ten entries of metadata has. */
const SIGNS_PER_PAYLOAD = 50;

const SIGNS = new Set(Buffer.from('{[,:'));

/**
 * Refuses a body of very many tiny values before it is parsed, since each would take memory. No base64 has one of the
 * counted signs, so an honest body has few.
 */
export function refuseManyValues(body: Buffer, maxPayloads: number): void {
  const most = SIGNS_PER_PAYLOAD * (maxPayloads + 1);
  let count = 0;
  for (const byte of body) {
    if (!SIGNS.has(byte)) continue;
    count += 1;
    if (count > most) throw new CodecServerError('BODY_TOO_LARGE');
  }
}
