import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { authority, type Proxy } from './proxies.js';
import type { Target } from './no-proxy.js';

/** The proxy made no connection, so not one byte has been sent to the target. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** `PROXY_` and a reason, such as `PROXY_ANSWERED_407` or `PROXY_ECONNREFUSED`. */
  readonly code: string;
  constructor(reason: string) {
    super(`the proxy made no connection: ${reason}`);
    this.code = `PROXY_${reason}`;
  }
}

/** Milliseconds for connecting to the proxy and for its answer. */
const TUNNEL_LIMIT_MS = 5_000;

/** A connection to `target` through a proxy, made with CONNECT. Rejects with a {@link ProxyError}. */
export async function openTunnel(proxy: Proxy, target: Target, limitMs = TUNNEL_LIMIT_MS): Promise<Socket> {
  const path = authority(target);
  const request = (proxy.tls ? httpsRequest : httpRequest)({
    method: 'CONNECT',
    host: proxy.host,
    port: proxy.port,
    path,
    headers: { host: path, ...authorization(proxy) },
    agent: false,
    ...(proxy.tls && { ALPNProtocols: ['http/1.1'] }),
  } as RequestOptions);
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      clearTimeout(timer);
      request.destroy();
      reject(new ProxyError(reason));
    };
    const timer = setTimeout(() => {
      fail('TIMEOUT');
    }, limitMs);
    request.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Socket, head: Buffer) => {
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        fail(`ANSWERED_${String(statusCode)}`);
        return;
      }
      clearTimeout(timer);
      // The target may have spoken first.
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    // An answer without an upgrade, such as that of a server which is no proxy.
    request.once('response', ({ statusCode = 0 }) => {
      fail(`ANSWERED_${String(statusCode)}`);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      fail(/^[A-Z][A-Z0-9_]*$/.test(error.code ?? '') ? String(error.code) : 'FAILED');
    });
    request.end();
  });
}

function authorization({ credentials }: Proxy): Record<string, string> {
  if (credentials === undefined) return {};
  const { username, password } = credentials;
  return { 'proxy-authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
