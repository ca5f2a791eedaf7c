const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/**
 * The PEM blocks in a text as files have them. In a variable they are often on one line: with `\n` written out, with spaces
 * for line breaks, or as base64 of the whole file. Returns the text as it is if there is no block in it.
 */
export function pemText(given: string): string {
  const lines = given.replaceAll('\\r', '').replaceAll('\\n', '\n');
  return blocksOf(lines) ?? blocksOf(decoded(lines)) ?? given;
}

const decoded = (text: string): string => (BASE64.test(text) ? Buffer.from(text, 'base64').toString('latin1') : '');

/** Undefined: there is no block. */
function blocksOf(text: string): string | undefined {
  const blocks = [...text.matchAll(BLOCK)].map(([, label = '', body = '']) => {
    const lines = body.replace(/\s+/g, '').match(/.{1,64}/g) ?? [];
    return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
  });
  return blocks.length === 0 ? undefined : blocks.join('');
}
