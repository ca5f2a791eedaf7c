/** The problem of a text that was cut in the middle of an emoji, for example: UTF-8 can't express it. */
export const LONE_SURROGATE = 'must not contain half of a character (a lone surrogate)';
export const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text);

/**
 * Control characters but tab and line breaks, and the two noncharacters that XML excludes. XML can't hold them, nor can many
 * databases, so a strict gateway refuses the whole message.
 */
export const CONTROL_CHARACTER = 'must not contain a control character other than a tab or a line break';
export const hasControlCharacter = (text: string): boolean => /[^\P{Cc}\t\n\r\u007f-\u009f]|[\ufffe\uffff]/u.test(text);

/** No person could see such a text: white space, and characters that have no shape. */
export const BLANK = 'must not be blank';
export const isBlank = (text: string): boolean => /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);

/** A text somewhere in a value, and where: `contentMessage.suggestions[0].reply.text`. */
export interface PlacedText {
  readonly field: string;
  readonly text: string;
}

/** Every text in the value, and every key at the place of its object. Undefined if it is nested too deeply to look. */
export function textsIn(value: unknown, field: string): readonly PlacedText[] | undefined {
  try {
    return placed(value, field);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function placed(value: unknown, field: string): PlacedText[] {
  if (typeof value === 'string') return [{ field, text: value }];
  if (Array.isArray(value)) return value.flatMap((one, index) => placed(one, `${field}[${String(index)}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [
    { field, text: key },
    ...placed(one, `${field}.${printable(key)}`),
  ]);
}

/** An unknown key may itself be a secret or a phone number: only what looks like a name is repeated. */
export const printable = (key: string) => (/^[A-Za-z][A-Za-z_]{0,39}$/.test(key) ? key : '(unnamed)');
