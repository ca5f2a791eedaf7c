import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import type { DeliveryNotification } from '../../src/contract/notification.js';

interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly origin: string;
  /** Every call, taken or not. */
  readonly calls: readonly Call[];
  /** The calls to this path, read with the stock Standard Webhooks library: throws unless the signature holds. */
  readonly verified: (path: string, secret: string) => DeliveryNotification[];
  readonly stop: () => Promise<void>;
}

/** A business's own server, which answers the n-th call to a path (from 1) with this status, and these headers. */
export async function startReceiver(
  answer: (path: string, n: number) => number | { readonly status: number; readonly headers: Record<string, string> },
): Promise<Receiver> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const path = request.url ?? '';
      calls.push({ path, headers: request.headers, body });
      const said = answer(path, calls.filter((call) => call.path === path).length);
      const { status, headers } = typeof said === 'number' ? { status: said, headers: {} } : said;
      response.writeHead(status, headers).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    calls,
    verified: (path, secret) =>
      calls
        .filter((call) => call.path === path)
        .map(({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>))
        .map((body) => body as DeliveryNotification),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
