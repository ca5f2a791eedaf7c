/** Twilio's texts for the codes that matter to a sender (Twilio "Error and Warning Dictionary"). */
const MESSAGES: Readonly<Record<number, string>> = {
  20003: 'Authenticate',
  20404: 'The requested resource was not found',
  20429: 'Too Many Requests',
  21211: "Invalid 'To' Phone Number",
  21212: "Invalid 'From' Phone Number",
  21602: 'Message body is required.',
  21603: "A 'From' phone number is required.",
  21606: "The 'From' phone number is not a valid, SMS-capable inbound phone number for your account.",
  21609: "Invalid 'StatusCallback'",
  21610: 'Attempt to send to unsubscribed recipient',
  21624: 'Invalid validity period value',
  21659: "'From' is not a Twilio phone number or Short Code country mismatch",
  21660: "Mismatch between the 'From' number and the account",
  21701: 'The Messaging Service does not exist',
  21703: 'The Messaging Service does not contain a phone number',
};

/** The codes whose HTTP status is not 400. */
const STATUSES: Readonly<Record<number, number>> = {
  20003: 401,
  20403: 403,
  20404: 404,
  20429: 429,
  20500: 500,
  20503: 503,
  21701: 404,
};

/** The code of an answer that was scripted by its status alone. */
const CODES: Readonly<Record<number, number>> = { 401: 20003, 403: 20403, 404: 20404, 429: 20429, 503: 20503 };

/** The HTTP status that goes with a code of Twilio's. */
export const twilioStatus = (code: number): number => STATUSES[code] ?? 400;

/** An error body like Twilio's. Like some of Twilio's, it holds the recipient's number: it must not reach a log. */
export function twilioError(status: number, code = CODES[status] ?? (status < 500 ? 21211 : 20500), to = '') {
  return {
    code,
    message: `${MESSAGES[code] ?? 'The request was refused'}: ${to}`,
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    status,
  };
}
