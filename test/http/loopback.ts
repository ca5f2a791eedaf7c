import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createNetServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as it came over the wire. */
interface Received {
  readonly method: string;
  /** Path and query, undecoded. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The client's port: the same for requests that shared a connection. */
  readonly port: number | undefined;
}

export interface Loopback {
  readonly url: string;
  readonly received: readonly Received[];
}

export type Handler = (request: Received, response: ServerResponse) => void;

/** An HTTP server on 127.0.0.1 for one test. The nth request gets the nth handler, the last one all that follow. */
export async function serve(...handlers: readonly Handler[]): Promise<Loopback> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void receive(request).then((one) => {
      received.push(one);
      handlers[Math.min(received.length, handlers.length) - 1]?.(one, response);
    });
  });
  const url = await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, received };
}

/** A server that speaks bare TCP: `onData` is called for every chunk of a connection, `onConnect` for every connection. */
export async function serveTcp({
  onConnect,
  onData,
}: {
  readonly onConnect?: (socket: Socket) => void;
  readonly onData?: (socket: Socket) => void;
}): Promise<{ readonly url: string; readonly connections: () => number; readonly chunks: () => number }> {
  const sockets: Socket[] = [];
  let chunks = 0;
  const server = createNetServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      chunks += 1;
      onData?.(socket);
    });
    onConnect?.(socket);
  });
  const url = await listen(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url, connections: () => sockets.length, chunks: () => chunks };
}

/** A handler that answers with JSON. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Handler {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** A handler that answers with an HTML page, as front ends do. */
export function html(status: number): Handler {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'text/html' }).end('<html><body>That is an error.</body></html>');
  };
}

/** A handler that never answers. */
export const silence: Handler = () => undefined;

/** A handler that resets the connection once the request has come. */
export const reset: Handler = (_, response) => {
  response.socket?.resetAndDestroy();
};

/** A handler that sends a head and the beginning of a body, and then nothing more. */
export function stall(status: number, beginning: string): Handler {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write(beginning);
  };
}

/** A handler that breaks the connection in the middle of the body. */
export function truncate(status: number, beginning: string): Handler {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write(beginning, () => response.socket?.destroy());
  };
}

/** A base URL at which nobody listens. */
export async function deadUrl(): Promise<string> {
  const server = createNetServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function receive(request: IncomingMessage): Promise<Received> {
  const { method = '', url: path = '', headers, socket } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return { method, path, headers, body: Buffer.concat(chunks).toString('utf8'), port: socket.remotePort };
}

/** What `promise` is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was not rejected');
}
