import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/**
 * A TCP port on 127.0.0.1 that nobody listens on, and that nobody who asks for "any port" gets in the next minute either:
 * a connection is made to it and closed from the server's side, so the system keeps the port aside (TIME_WAIT), while a
 * server that names it may still listen on it. Temporal's SDK core does the same.
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

/** Throws if something listens on this port of 127.0.0.1: without that, one would take another's server for one's own. */
export async function assertFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw new Error(`Port ${port} is in use. Choose another one, or stop what uses it.`, { cause: error });
  });
  server.close();
  await once(server, 'close');
}
