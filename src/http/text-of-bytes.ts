/** The encoding that the first bytes name: UTF-8, unless a byte order mark says otherwise. Undefined: UTF-32. */
export function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? undefined : 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0 && second === 0 && third === 0xfe && fourth === 0xff ? undefined : 'utf-8';
}

/** The text of a file in UTF-8 or UTF-16, without its byte order mark. Undefined: it is in another encoding. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  const encoding = encodingOf(bytes);
  try {
    return encoding && new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // It has bytes that this encoding does not have.
    return undefined;
  }
}
