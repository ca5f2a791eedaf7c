import { stripVTControlCharacters } from 'node:util';

/*
 * Texts of others may hold what moves a terminal's cursor, changes its title, or turns the order of characters around.
 * Nothing of that reaches a terminal. The joiners of emoji and of some scripts stay.
 */
const UNSEEN = String.raw`\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0001}\u{e0020}-\u{e007f}`;
const CONTROLS = new RegExp(String.raw`[^\P{Cc}\n\t]|[${UNSEEN}]`, 'gu');
/** JSON escapes the other controls itself. The joiners are escaped too: nothing is lost by it. */
const ESCAPED = new RegExp(String.raw`[\u007f-\u009f\u200c\u200d${UNSEEN}]`, 'gu');
/** The same where no line may break, and a cell of a table holds no tab. */
const LINE_BREAKS = /[\s\u0085]+/gu;

const ESCAPE = '\u001b';
/** The colours that painter() makes, and nothing else that begins with an escape. */
const COLOURS = new RegExp(`(${ESCAPE}\\[(?:1|2|22|31|32|33|39)m)`, 'u');

/** A text as a terminal may get it. `colour`: keeps this program's own colours. */
export function safeText(text: string, { colour = false } = {}): string {
  if (!colour) return stripVTControlCharacters(text).replaceAll(CONTROLS, '');
  return text
    .split(COLOURS)
    .map((part) => (COLOURS.test(part) ? part : safeText(part)))
    .join('');
}

/** One cell of a table, or one fact: a text of others that must not look like another line. */
export const oneLine = (text: string): string => safeText(text.replaceAll(LINE_BREAKS, ' '));

/** JSON in which no character acts on a terminal: those that JSON may hold as they are, are escaped. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(ESCAPED, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
