import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Receives exported spans (OTLP over HTTP) and keeps their bytes, which contain names and attributes as text. */
export interface Collector {
  readonly url: string;
  readonly received: () => string;
  readonly stop: () => Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const chunks: Buffer[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received: () => Buffer.concat(chunks).toString(),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
