/*
 * No lookaround: these patterns are published in docs/message-delivery-input.schema.json, and not every language has
 * it.
 */

/** RBM's reference shows agent ids with and without the suffix. */
export const AGENT_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?:@rbm\.goog)?$/;

export const UUID_PATTERN = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** A date, a time and its offset (RFC 3339). Not every such text is a time: the 31st of February matches too. */
export const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/**
 * At most 11 characters with a letter among them (GSM 03.38, and what Twilio's "AlphaSenders subresource" allows): one
 * alternative for each place of the first letter.
 */
const ALPHANUMERIC_SENDER = Array.from({ length: 11 }, (_, before) => {
  return `[0-9 +_&.-]{${before}}[A-Za-z][A-Za-z0-9 +_&.-]{0,${10 - before}}`;
}).join('|');

/** An E.164 number, a short code, or an alphanumeric sender id. */
export const SMS_SENDER_PATTERN = new RegExp(`^(?:\\+\\d{3,15}|\\d{3,8}|${ALPHANUMERIC_SENDER})$`);

/** An http or https URL without credentials. */
export const NOTIFY_URL_PATTERN = /^https?:\/\/[^\s/?#@\\]+(?:[/?#][^\s]*)?$/;

export const CAMPAIGN_ID_PATTERN = /^[A-Za-z0-9._:-]{1,128}$/;
export const CAMPAIGN_ID_RULE = 'must have 1 to 128 characters out of A-Z a-z 0-9 . _ : -';

/**
 * Assigned country calling codes (ITU-T E.164, list of assigned codes), by their number of digits. A number under
 * another code cannot exist, so it is refused before anything is sent. RBM checks the rest of a number.
 */
const CODES_OF_1 = '[17]';
const CODES_OF_2 = '2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]';
const CODES_OF_3 =
  '21[1-368]|2[2-4]\\d|25[0-8]|26\\d|29[017-9]|35\\d|37[0-8]|38[0-35-79]|42[013]|5[09]\\d|67[02-9]|68[0-35-9]|69[0-2]|' +
  '80[08]|85[02356]|87[08]|88[0-368]|96[0-8]|97[0-79]|99[2-68]';

/** E.164: `+` and an assigned country calling code, with 7 to 15 digits in all. */
export const E164_PATTERN = new RegExp(
  `^\\+(?:${CODES_OF_1}\\d{6,14}|(?:${CODES_OF_2})\\d{5,13}|(?:${CODES_OF_3})\\d{4,12})$`,
);
