import type { FastifyInstance } from 'fastify';
import { availableHost, hostAndPort, isNoAddress } from './available-host.js';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** The environment variable of the port, such as `WEBHOOK_PORT`. That of the host is `WEBHOOK_HOST`. */
  readonly variable: string;
}

/**
 * Starts to listen, and returns the addresses as `host:port`. Throws an error that names the variable if the port is taken
 * or the machine has no such address.
 */
export async function listen(
  app: Pick<FastifyInstance, 'listen' | 'addresses'>,
  { host, port, variable }: ListenOptions,
): Promise<readonly string[]> {
  try {
    await app.listen({ host: await availableHost(host), port });
  } catch (cause) {
    throw listenError(variable, cause);
  }
  return app.addresses().map((at) => (typeof at === 'string' ? at : hostAndPort(at.address, at.port)));
}

/** An error for an operator, who knows the port and the host by their variables. */
export function listenError(variable: string, cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return portInUse(variable, cause);
  if (code === 'EACCES') return new Error(`the port ${variable} cannot be listened on: it needs privileges`, { cause });
  return isNoAddress(cause) ? noAddress(variable, cause) : cause;
}

/** `variable`: that of the port. */
export const noAddress = (variable: string, cause?: unknown): Error =>
  new Error(`${variable.replace(/_PORT$/, '_HOST')} is no address of this machine`, { cause });

/** The port may be taken. */
export const portInUse = (variable: string, cause: unknown): Error =>
  new Error(`the port ${variable} cannot be listened on: another program may have it`, { cause });
