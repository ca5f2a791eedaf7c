import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A port of its own for one service of the simulator, which can refuse connections. */
export interface Door {
  /** Without a slash at its end. */
  readonly url: string;
  /** Closes the port and every connection: from now on the operating system refuses to connect. */
  readonly refuse: () => Promise<void>;
  /** Listens on the same port again. */
  readonly accept: () => Promise<void>;
}

export interface DoorOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
}

export async function openDoor({ host, port: wanted, handle }: DoorOptions): Promise<Door> {
  let server = await listen(host, wanted, handle);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    async refuse() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    async accept() {
      if (!server.listening) server = await listen(host, port, handle);
    },
  };
}

function listen(host: string, port: number, handle: RequestListener) {
  const server = createServer(handle);
  return new Promise<typeof server>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      resolve(server);
    });
  });
}
