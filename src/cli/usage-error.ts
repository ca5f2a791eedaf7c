/** The command line, or a file it names, is wrong. The message says what to do and repeats no input. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
