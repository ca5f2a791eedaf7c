import type { FastifyInstance } from 'fastify';
import { CommandFailedError } from './errors.js';

/** Listens. A port that another program has is told by the name of its variable. */
export async function listen(
  app: Pick<FastifyInstance, 'listen'>,
  { host, port, variable }: { readonly host: string; readonly port: number; readonly variable: string },
): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new CommandFailedError(`the port ${variable} cannot be listened on: another program may have it`, { cause });
  }
}
