import { TextDecoder } from 'node:util';
import { UsageError } from './errors.js';

/** Many editors and shells on Windows write it first. It is no part of the text. */
export const BYTE_ORDER_MARK = /^\uFEFF/;

/** The encoding that the first bytes name: UTF-8, unless a byte order mark says otherwise. Undefined: UTF-32. */
function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? undefined : 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0 && second === 0 && third === 0xfe && fourth === 0xff ? undefined : 'utf-8';
}

/** The text of a file, without its byte order mark. Throws a UsageError for other encodings than UTF-8 and UTF-16. */
export function textOf(bytes: Uint8Array, source: string): string {
  const encoding = encodingOf(bytes);
  try {
    if (encoding !== undefined) return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // It has bytes that this encoding does not have.
  }
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
