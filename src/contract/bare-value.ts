/**
 * The value of a variable without white space around it, and without one pair of quotes around the whole of it:
 * `docker run --env-file` and `kubectl --from-env-file` keep the quotes that a shell removes.
 */
export function bareValue(given: string): string {
  const value = given.trim();
  const [, quote = '', inner] = /^(["'])(.*)\1$/s.exec(value) ?? [];
  return inner === undefined || inner.includes(quote) ? value : inner.trim();
}
