/** How a text may stand in a file: as it is, in base64 at each of the three places it can have in a longer text, in hex. */
export function formsOf(marked: string): readonly string[] {
  const bytes = Buffer.from(marked);
  const inBase64 = [0, 1, 2].map((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
    // The first and the last character depend on the neighbours too.
    return whole.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((whole.length * 8) / 6));
  });
  const urlSafe = inBase64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([marked, ...inBase64, ...urlSafe, bytes.toString('hex')])];
}
