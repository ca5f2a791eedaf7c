import type { FastifyInstance } from 'fastify';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** The environment variable of the port. */
  readonly variable: string;
}

/** Starts to listen, and returns the addresses as `host:port`. Throws {@link portInUse} if the port is taken. */
export async function listen(
  app: Pick<FastifyInstance, 'listen' | 'addresses'>,
  { host, port, variable }: ListenOptions,
): Promise<readonly string[]> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? portInUse(variable, cause) : cause;
  }
  return app.addresses().map((at) => (typeof at === 'string' ? at : `${at.address}:${String(at.port)}`));
}

/** An error for an operator, who knows the port by its variable. */
export const portInUse = (variable: string, cause: unknown): Error =>
  new Error(`the port ${variable} cannot be listened on: another program may have it`, { cause });
