/** The narrowest column that a text is wrapped into. On a narrower terminal it wraps where the terminal wants. */
const NARROWEST = 20;

/**
 * Wraps a text into lines of at most `width` characters. A word that is longer, such as an id, is not cut: it gets a line of
 * its own, to be copied whole.
 */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= Math.max(width, NARROWEST) || line === '') line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** `head` and a text behind it, wrapped into `columns`. Further lines are indented as far as the text. */
export function hanging(head: string, text: string, columns: number): string[] {
  const [first = '', ...more] = wrapped(text, columns - head.length);
  return [`${head}${first}`, ...more.map((line) => `${' '.repeat(head.length)}${line}`)];
}
