import { parse } from 'node:querystring';
import { receiptId } from './message-id.js';
import { readStatus, TWILIO_STATUSES } from './receipt-words.js';
import type { SmsCallback, SmsCallbackReading, SmsReceipt, SmsReceipts } from './sms-receipts.js';
import { TWILIO_CODES } from './twilio-codes.js';
import { verifyTwilioSignature } from './twilio-signature.js';

export interface TwilioReceiptsOptions {
  /** The current auth token first, then the one being rotated out. */
  readonly authTokens: readonly string[];
  /**
   * WEBHOOK_PUBLIC_URL: scheme, host and any path prefix under which Twilio calls. Its signature covers the whole URL.
   */
  readonly publicUrl: string;
}

/**
 * Reads Twilio's status callbacks, `?reference={workflow id}` in the URL. Throws a TypeError without a token or with an
 * unusable publicUrl.
 */
export function createTwilioReceipts({ authTokens: given, publicUrl }: TwilioReceiptsOptions): SmsReceipts {
  const authTokens = given.map((token) => token.trim());
  if (authTokens.length === 0 || authTokens.includes('')) {
    throw new TypeError('authTokens must hold at least one token, and no empty one');
  }
  if (!/^https?:\/\//.test(publicUrl) || !URL.canParse(publicUrl)) {
    throw new TypeError('publicUrl must be an http or https URL');
  }
  const base = publicUrl.replace(/\/+$/, '');
  return {
    contentType: 'application/x-www-form-urlencoded',
    read: (callback) => read(callback, { authTokens, base }),
  };
}

/** The most parameters of a callback that are read. Twilio sends about twenty. The limit keeps the sorting cheap. */
const MAX_PARAMS = 1_000;

function read(
  callback: SmsCallback,
  { authTokens, base }: { readonly authTokens: readonly string[]; readonly base: string },
): SmsCallbackReading {
  const params = formOf(callback.body.toString('utf8'));
  const signature = callback.headers['x-twilio-signature'];
  // Path and query as they came: a parsed and rebuilt URL may differ in its escapes.
  const url = `${base}${callback.url}`;
  if (typeof signature !== 'string' || !verifyTwilioSignature({ authTokens, url, params, signature })) {
    return { kind: 'unsigned' };
  }
  const { status, unknownStatus, word } = readStatus(TWILIO_STATUSES, textOf(params['MessageStatus']));
  return {
    kind: 'receipt',
    reference: textOf(formOf(callback.url.split('?')[1] ?? '')['reference']),
    status,
    ...(unknownStatus !== undefined && { unknownStatus }),
    // Twilio's callback carries neither an id of its own nor a time.
    eventId: `${receiptId(textOf(params['MessageSid']), textOf(params['To']))}:${word}`,
    optedOut: optedOutIn(params),
  };
}

/** Twilio may find out only after its answer, as when a messaging service picks the sender. */
function optedOutIn(params: Form): SmsReceipt['optedOut'] {
  const code = textOf(params['ErrorCode']);
  return Object.hasOwn(TWILIO_CODES.optedOut, code) ? { recipient: numberOf(textOf(params['To'])), code } : undefined;
}

/** Without the channel that Twilio puts before a number, such as `rcs:+15550100001`. */
const numberOf = (to: string): string => to.replaceAll(/\s/g, '').replace(/^[a-z]+:/i, '');

type Form = Readonly<Record<string, string | readonly string[]>>;

function formOf(encoded: string): Form {
  const form = parse(encoded, '&', '=', { maxKeys: MAX_PARAMS });
  return Object.fromEntries(
    Object.entries(form).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function textOf(value: Form[string] | undefined): string {
  return typeof value === 'string' ? value : '';
}
