/** What means nothing in Markdown: no link, no emphasis, no HTML. A dot only in a number or at the end of a sentence. */
const PLAIN = /^(?:[\p{L}\p{M}\p{N} ,;:='%()-]|(?<=\p{N})\.(?=\p{N})|\.(?= |$)|(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}]))*$/u;

/**
 * A text of somebody else as a part of one line of Markdown, for Temporal's Web UI. If it could mean something in Markdown,
 * it becomes a code span, in which nothing does. It can't begin another line.
 */
export function inMarkdown(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return PLAIN.test(line) ? line : `\`${line.replaceAll('`', "'")}\``;
}
