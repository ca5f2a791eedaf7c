// This module is small. The library's index would load all of it (some 20 MB of memory) into the webhook.
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';

/**
 * Whether X-Twilio-Signature is right (Twilio "Webhooks security"): HMAC-SHA1 over the callback's public URL, query
 * included, and its sorted form parameters. Tries every token (a rotation has two), in constant time. Never throws.
 */
export function verifyTwilioSignature({
  authTokens,
  url,
  params,
  signature,
}: {
  readonly authTokens: readonly string[];
  /** The URL that Twilio was given, not what a proxy made of it. */
  readonly url: string;
  readonly params: Readonly<Record<string, string | readonly string[]>>;
  readonly signature: string;
}): boolean {
  if (!URL.canParse(url)) return false;
  const matches = authTokens.map((token) => token !== '' && validateRequest(token, signature, url, params));
  return matches.reduce((any, match) => any || match, false);
}
