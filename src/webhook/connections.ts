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
 * too many, the one that has been idle for longest makes room. `onFull` is called whenever one has to go.
 */
export function createConnections(limits: WebhookLimits, onFull: () => void): Connections {
  /** Requests under way. In the order in which the connections were opened or last became idle. */
  const open = new Map<Socket, Set<IncomingMessage>>();

  const guarded =
    (listener: RequestListener): RequestListener =>
    (request, response) => {
      const { socket } = request;
      const requests = open.get(socket);
      // What a cut connection had sent before is still parsed.
      if (requests === undefined || socket.destroyed) return;
      if (requests.size >= MOST_AT_ONCE) {
        socket.destroy();
        return;
      }
      requests.add(request);
      response.once('close', () => {
        requests.delete(request);
        // Idle from now on.
        if (requests.size === 0 && open.delete(socket)) open.set(socket, requests);
      });
      listener(request, response);
    };

  function cut(socket: Socket): void {
    open.delete(socket);
    socket.destroy();
  }

  function admit(socket: Socket): void {
    if (open.size >= limits.connections) {
      onFull();
      const cuttable = mostIdle(open) ?? socket;
      cut(cuttable);
      if (cuttable === socket) return;
    }
    open.set(socket, new Set());
    socket.once('close', () => open.delete(socket));
  }

  return {
    serve(listener) {
      const server = createServer(optionsOf(limits), guarded(listener));
      server.setTimeout(limits.connectionTimeoutMs);
      return server.on('connection', admit);
    },
    cutStalled() {
      for (const [socket, requests] of open) if (!isHandled(requests)) cut(socket);
    },
  };
}

/** The first on which nothing has begun, or else on which no request has come whole: that may be an event's body. */
function mostIdle(open: ReadonlyMap<Socket, ReadonlySet<IncomingMessage>>): Socket | undefined {
  let uploading: Socket | undefined;
  for (const [socket, requests] of open) {
    if (requests.size === 0) return socket;
    if (!isHandled(requests)) uploading ??= socket;
  }
  return uploading;
}

const isHandled = (requests: ReadonlySet<IncomingMessage>): boolean => [...requests].some(({ complete }) => complete);

const optionsOf = ({ headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs }: WebhookLimits): ServerOptions => ({
  headersTimeout: headersTimeoutMs,
  requestTimeout: requestTimeoutMs,
  keepAliveTimeout: keepAliveTimeoutMs,
  // Node looks for slow senders every 30 seconds otherwise.
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
});
