/** The SID of a message: `SM` or `MM` and 32 hexadecimal digits (Twilio "Message resource"). */
const MESSAGE_SID = /^(?:SM|MM)[0-9a-f]{32}$/;

/** A message's SID, or an empty text for anything else: it becomes part of the history, the status and the log. */
export const twilioSid = (sid: unknown): string => (typeof sid === 'string' && MESSAGE_SID.test(sid) ? sid : '');
