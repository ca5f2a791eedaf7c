/** Values that must appear nowhere. Each delivery has its own number. */
const TEXTS = ['marked-rcs-text', 'marked-sms-text', 'marked-user-text', 'marked-file-name'] as const;
export const [RCS_TEXT, SMS_TEXT, USER_TEXT, FILE_NAME] = TEXTS;
const NUMBER = /1[\s().-]*555[\s().-]*010[\s().-]*42\d\d/g;

let used = 0;
export const markedNumber = (): string => `+155501042${String((used += 1)).padStart(2, '0')}`;

/** Returns each place where `text` contains a marked number, a marked text or one of `secrets`, with its surroundings. */
export function findMarked(text: string, secrets: readonly string[]): string[] {
  const words = [...TEXTS, ...secrets, ...DISGUISED].flatMap((word) => placesOf(text, word));
  const numbers = [...text.matchAll(NUMBER)].map(({ index }) => index);
  return [...words, ...numbers].map((at) => text.slice(Math.max(0, at - 120), at + 60));
}

/** The marked values in base64, which depends on the position in the data modulo 3, and as lists of bytes. */
const DISGUISED = [...TEXTS, '155501042'].flatMap((word) => [
  ...[0, 1, 2].map((offset) => base64Of(word, offset)),
  ...[', ', ','].map((between) => [...Buffer.from(word)].join(between)),
]);

/** Leaves out the characters at both ends, which also depend on the neighbouring bytes. */
function base64Of(word: string, offset: number): string {
  const encoded = Buffer.from(' '.repeat(offset) + word)
    .toString('base64')
    .replace(/=+$/, '');
  return encoded.slice(offset === 0 ? 0 : offset + 1, -1);
}

function placesOf(text: string, word: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) places.push(at);
  return places;
}

/** Returns the lines of the private key. Finding one of them means that the key has leaked. */
export function secretsOfKey(json: string): string[] {
  const { private_key: key } = JSON.parse(json) as { readonly private_key: string };
  return key.split('\n').filter((line) => line.length > 30);
}
