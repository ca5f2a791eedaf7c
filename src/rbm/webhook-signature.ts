import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Checks X-Goog-Signature: base64(HMAC-SHA512(clientToken, data)) over the decoded bytes of message.data (RBM
 * "Webhooks"). Every token is tried, in constant time.
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

/** Whether `clientToken` of a handshake is one of ours, in constant time. */
export function sharesToken({
  clientTokens,
  clientToken,
}: {
  readonly clientTokens: readonly string[];
  readonly clientToken: string;
}): boolean {
  return anyMatch(clientTokens, clientToken, (token) => token);
}

/** Looks at every token even after a match. An empty token would let anybody in, so it matches nothing. */
function anyMatch(tokens: readonly string[], given: string, expected: (token: string) => string): boolean {
  const matches = tokens.map((token) => token !== '' && isSame(expected(token), given));
  return matches.reduce((any, match) => any || match, false);
}

/** Digests have one length, so that neither the time nor an exception tells anything. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
