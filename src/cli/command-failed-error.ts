/** A command could not do all of what it was asked. The message is for an operator. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError';
}
