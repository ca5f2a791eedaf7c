import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/**
 * Finds a free TCP port on 127.0.0.1. The connection that is made and closed here leaves the port in TIME_WAIT: for about
 * a minute the system gives it to nobody who asks for any free port, but a server that names it may use it. Temporal's
 * SDK core does the same.
 */
export async function freePort(): Promise<number> {
  const server = createServer((socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const visitor = connect(port, '127.0.0.1');
  visitor.resume();
  await once(visitor, 'close');
  server.close();
  await once(server, 'close');
  return port;
}

/** Throws if a program listens on this port of 127.0.0.1. Without the check, that program could pass for our server. */
export async function assertFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw new Error(`Port ${port} is in use. Choose another one, or stop what uses it.`, { cause: error });
  });
  server.close();
  await once(server, 'close');
}
