import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { WebhookLimits } from './limits.js';

/** Requests under way on one connection. RBM, SMS providers and proxies wait for each answer: more is a flood. */
const MOST_AT_ONCE = 8;

export interface Connections {
  readonly serve: (listener: RequestListener) => Server;
  /** Cuts every connection on which no whole request is under way: idle ones, and senders that have come to a halt. */
  readonly cutStalled: () => void;
}

/**
 * One sender can't keep the server busy for all: a connection that does not wait for its answers is cut, and when there are
 * too many, those that are idle make room. `onFull` is called for each connection that found none.
 */
export function createConnections(limits: WebhookLimits, onFull: () => void): Connections {
  const underway = new Map<Socket, Set<IncomingMessage>>();

  const guarded =
    (listener: RequestListener): RequestListener =>
    (request, response) => {
      const { socket } = request;
      const requests = underway.get(socket);
      // What a cut connection had sent before is still parsed.
      if (requests === undefined || socket.destroyed) return;
      if (requests.size >= MOST_AT_ONCE) {
        socket.destroy();
        return;
      }
      requests.add(request);
      response.once('close', () => requests.delete(request));
      listener(request, response);
    };

  return {
    serve(listener) {
      const server = createServer(optionsOf(limits), guarded(listener));
      server.setTimeout(limits.connectionTimeoutMs);
      server.maxConnections = limits.connections;
      server.on('connection', (socket: Socket) => {
        underway.set(socket, new Set());
        socket.once('close', () => underway.delete(socket));
      });
      server.on('drop', () => {
        server.closeIdleConnections();
        onFull();
      });
      return server;
    },
    cutStalled() {
      for (const [socket, requests] of underway) {
        if (![...requests].some(({ complete }) => complete)) socket.destroy();
      }
    },
  };
}

const optionsOf = ({ headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs }: WebhookLimits): ServerOptions => ({
  headersTimeout: headersTimeoutMs,
  requestTimeout: requestTimeoutMs,
  keepAliveTimeout: keepAliveTimeoutMs,
  // Node looks for slow senders every 30 seconds otherwise.
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
});
