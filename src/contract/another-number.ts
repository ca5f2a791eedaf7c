/** True if `from` is a phone number, and another one than the recipient's (E.164). Ways of writing a number do not count. */
export function isFromAnotherNumber(from: unknown, recipient: string): boolean {
  const digits = typeof from === 'string' ? digitsOf(from) : '';
  return digits !== '' && digits !== digitsOf(recipient);
}

const digitsOf = (number: string): string => number.replaceAll(/\D/g, '');
