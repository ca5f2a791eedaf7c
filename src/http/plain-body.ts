import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether the body is text in UTF-8, neither compressed nor in another coding. Signatures cover the bytes as they came, so
 * any other body could be signed, but not read: its event would be answered 200 and lost.
 */
export function isPlainBody(headers: IncomingHttpHeaders): boolean {
  return (
    namesOnly(headers['content-encoding'], ['identity']) &&
    namesOnly(headers['transfer-encoding'], ['chunked']) &&
    charsetsOf(headers['content-type']).every((charset) => UTF8.includes(charset))
  );
}

/** ASCII is a part of UTF-8. */
const UTF8: readonly string[] = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

/** Also if a header was sent several times: Node joins its values with commas. */
function namesOnly(header: string | undefined, allowed: readonly string[]): boolean {
  const names = (header ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.every((name) => name === '' || allowed.includes(name));
}

const CHARSET = /;\s*charset\s*=\s*"?\s*([^";\s]*)/gi;
const charsetsOf = (contentType = ''): string[] =>
  [...contentType.matchAll(CHARSET)].map(([, charset = '']) => charset.toLowerCase());
