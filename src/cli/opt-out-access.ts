import type { Access } from './client-access.js';
import { UsageError } from './errors.js';
import type { Terminal } from './terminal.js';

/** Runs `use` for a command that needs the hash of a number. Throws a UsageError if there is no key. */
export async function withHashKey<T>(terminal: Terminal, use: (access: Access) => Promise<T>): Promise<T> {
  const { withAccess } = await import('./client-access.js');
  const needsKey = (access: Access) => {
    if (access.config.recipientHashKey !== undefined) return use(access);
    throw new UsageError('opt-outs need RECIPIENT_HASH_KEY, the same as where deliveries are started');
  };
  // In production the same rules hold as for a command that starts deliveries.
  return withAccess(terminal, needsKey, { starts: true });
}
