import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether X-Goog-Signature is right: base64(HMAC-SHA512(clientToken, data)) over the decoded bytes of message.data (RBM
 * "Webhooks"). Tries every token, in constant time.
 */
export function verifyRbmSignature({
  clientTokens,
  data,
  signature,
}: {
  readonly clientTokens: readonly string[];
  readonly data: Uint8Array;
  readonly signature: string;
}): boolean {
  return anyMatch(clientTokens, signature, (token) => createHmac('sha512', token).update(data).digest('base64'));
}

/** Whether the `clientToken` of a handshake is a configured one, in constant time. */
export function sharesToken({
  clientTokens,
  clientToken,
}: {
  readonly clientTokens: readonly string[];
  readonly clientToken: string;
}): boolean {
  return anyMatch(clientTokens, clientToken, (token) => token);
}

/**
 * Tries every token even after a match. White space around a token does not count. An empty token matches nothing, since
 * anybody could sign with it.
 */
function anyMatch(tokens: readonly string[], given: string, expected: (token: string) => string): boolean {
  const matches = tokens.map((token) => token.trim()).map((token) => token !== '' && isSame(expected(token), given));
  return matches.reduce((any, match) => any || match, false);
}

/** Compares digests, which have one length, so that neither time nor an exception reveals anything. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
