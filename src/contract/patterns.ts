/** RBM's reference shows agent ids with and without the suffix. */
export const AGENT_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?:@rbm\.goog)?$/;

export const UUID_PATTERN = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** An E.164 number, a short code, or an alphanumeric sender id (at most 11 characters, GSM 03.38). */
export const SMS_SENDER_PATTERN = /^(?:\+\d{3,15}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/;

/** An http or https URL without credentials; what it means is left to whoever calls it. */
export const NOTIFY_URL_PATTERN = /^https?:\/\/[^\s/?#@\\]+(?:[/?#][^\s]*)?$/;

export const CAMPAIGN_ID_PATTERN = /^[A-Za-z0-9._:-]{1,128}$/;
export const CAMPAIGN_ID_RULE = 'must have 1 to 128 characters out of A-Z a-z 0-9 . _ : -';

/**
 * Assigned E.164 country calling codes (ITU-T E.164, list of assigned codes). A number whose code is not assigned cannot
 * belong to anybody, so it is refused before anything is sent. The rest of a number is RBM's to judge.
 */
const COUNTRY_CODE =
  '1|7|2(?:0|7|1[1-368]|[2-4]\\d|5[0-8]|6\\d|9[01]|9[7-9])|3(?:[0-469]|5\\d|7[0-8]|8[0-35-79])|4(?:[013-9]|2[013])|' +
  '5(?:[1-8]|0\\d|9\\d)|6(?:[0-6]|7[02-9]|8[0-35-9]|9[0-2])|8(?:[1246]|0[08]|5[02356]|7[08]|8[0-368])|' +
  '9(?:[0-58]|6[0-8]|7[0-79]|9[2-68])';

/** E.164: `+`, an assigned country calling code, 7 to 15 digits in all. */
export const E164_PATTERN = new RegExp(`^\\+(?=\\d{7,15}$)(?:${COUNTRY_CODE})\\d+$`);
