import { TextDecoder } from 'node:util';
import { encodingOf, textOfBytes } from '../http/text-of-bytes.js';
import { UsageError } from './errors.js';

/** Many editors and shells on Windows write it first. It is no part of the text. */
export const BYTE_ORDER_MARK = /^\uFEFF/;

/** The text of a file, without its byte order mark. Throws a UsageError for other encodings than UTF-8 and UTF-16. */
export function textOf(bytes: Uint8Array, source: string): string {
  const text = textOfBytes(bytes);
  if (text !== undefined) return text;
  throw new UsageError(`${source} must be text in UTF-8, or in UTF-16 with a byte order mark`);
}

/** The same for a stream, piece by piece. What is no text there becomes a replacement character (U+FFFD). */
export async function* textIn(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string, void, undefined> {
  let decoder: TextDecoder | undefined;
  let start = Buffer.alloc(0);
  for await (const piece of input) {
    const bytes = Buffer.from(piece);
    if (decoder !== undefined) {
      yield decoder.decode(bytes, { stream: true });
      continue;
    }
    start = Buffer.concat([start, bytes]);
    if (start.length < LONGEST_MARK) continue;
    decoder = new TextDecoder(encodingOf(start));
    yield decoder.decode(start, { stream: true });
  }
  yield decoder === undefined ? new TextDecoder(encodingOf(start)).decode(start) : decoder.decode();
}

/** Bytes. */
const LONGEST_MARK = 4;
