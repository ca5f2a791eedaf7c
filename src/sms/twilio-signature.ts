// This module of the library is small; its index would load the whole of it (some 20 MB of memory) into the webhook.
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';

/**
 * Checks X-Twilio-Signature (Twilio "Webhooks security"): HMAC-SHA1 over the callback's public URL, query included,
 * and its sorted form parameters. Every token is tried (a rotation has two), in constant time. Never throws.
 */
export function verifyTwilioSignature({
  authTokens,
  url,
  params,
  signature,
}: {
  readonly authTokens: readonly string[];
  /** The URL as Twilio was told it, not as a proxy in between rewrote it. */
  readonly url: string;
  readonly params: Readonly<Record<string, string | readonly string[]>>;
  readonly signature: string;
}): boolean {
  if (!URL.canParse(url)) return false;
  const matches = authTokens.map((token) => token !== '' && validateRequest(token, signature, url, params));
  return matches.reduce((any, match) => any || match, false);
}
