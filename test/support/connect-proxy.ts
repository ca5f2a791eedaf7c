import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** What a client asked a proxy for. */
interface Asked {
  /** `host:port`. */
  readonly target: string;
  /** The header `proxy-authorization`. */
  readonly authorization: string | undefined;
}

export interface ConnectProxy {
  readonly url: string;
  readonly port: number;
  readonly asked: readonly Asked[];
  /** Closes every connection that goes through it. */
  cut(): void;
  stop(): Promise<void>;
}

export interface ConnectProxyOptions {
  /** Another answer than 200 to each CONNECT. `silence`: none at all. */
  readonly answer?: number | 'silence';
  /** Where each connection really goes, whatever was asked for. */
  readonly to?: { readonly host: string; readonly port: number };
}

/** A proxy on 127.0.0.1 that makes connections (CONNECT). It answers anything else with 405. */
export async function startConnectProxy({ answer = 200, to }: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', ({ url: target = '', headers }, socket: Socket) => {
    asked.push({ target, authorization: headers['proxy-authorization'] });
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (answer === 'silence') return;
    if (answer !== 200) {
      socket.end(`HTTP/1.1 ${String(answer)} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { hostname: host, port } = new URL(`http://${target}`);
    const upstream = connect(to ?? { host, port: Number(port) });
    sockets.add(upstream);
    upstream.on('error', () => socket.destroy());
    upstream.on('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    socket.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: `http://127.0.0.1:${String(port)}`,
    port,
    asked,
    cut,
    stop: async () => {
      cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
