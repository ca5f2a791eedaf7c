import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';

/** The limits on the connections of one server. Times are in milliseconds. */
export interface ConnectionLimits {
  /** Open connections. For one more, the one that has been idle for longest is closed. */
  readonly connections: number;
  /** How long a request's headers may take to arrive. A slower sender is answered 408. */
  readonly headersTimeoutMs: number;
  /** How long a whole request may take to arrive. A slower sender is answered 408. */
  readonly requestTimeoutMs: number;
  /** How long a connection may be silent within a request. It must be longer than any answer takes. */
  readonly connectionTimeoutMs: number;
  /** How long an idle connection is kept. It must be longer than the balancer in front keeps it. */
  readonly keepAliveTimeoutMs: number;
}

/** Longer than Google Cloud's balancers keep idle connections, which is 600 s. Milliseconds. */
export const KEEP_ALIVE_MS = 620_000;

/**
 * Requests in progress on one connection. RBM, SMS providers and proxies wait for each answer before the next request.
 * Ten connections that pipeline requests, on two busy cores: an event waited up to 53 s without this limit, 7 s with
 * it.
 */
const MAX_PIPELINED = 8;

export interface Connections {
  /** Creates the HTTP server. Its connections count against `limits.connections`. */
  readonly serve: (listener: RequestListener) => Server;
  /**
   * Closes every connection on which no complete request is being handled: idle ones, and senders that have stalled.
   */
  readonly closeStalled: () => void;
}

/**
 * Limits the open connections to `limits.connections`. For one more, the connection that has been idle for longest is
 * closed, and `onDropped` is called. Node's own `maxConnections` refuses the new one, so silent senders would starve
 * all.
 */
export function createConnections(limits: ConnectionLimits, onDropped: () => void): Connections {
  /** The requests in progress on each connection. The connection that has been idle for longest comes first. */
  const open = new Map<Socket, Set<IncomingMessage>>();

  function close(socket: Socket): void {
    open.delete(socket);
    socket.destroy();
  }

  function admit(socket: Socket): void {
    if (open.size >= limits.connections) {
      onDropped();
      const idlest = findIdlest(open) ?? socket;
      close(idlest);
      if (idlest === socket) return;
    }
    open.set(socket, new Set());
    socket.once('close', () => open.delete(socket));
  }

  const tracked =
    (listener: RequestListener): RequestListener =>
    (request, response) => {
      const { socket } = request;
      const requests = open.get(socket);
      // Node still parses what came before the connection was closed.
      if (requests === undefined || socket.destroyed) return;
      if (requests.size >= MAX_PIPELINED) {
        close(socket);
        return;
      }
      requests.add(request);
      response.once('close', () => {
        // A refusal is answered before Node parses the next request, and still counts while others wait for their turn.
        setImmediate(() => {
          requests.delete(request);
          // The connection is idle from now on, so it moves to the end.
          if (requests.size === 0 && open.delete(socket)) open.set(socket, requests);
        });
      });
      listener(request, response);
    };

  return {
    serve(listener) {
      const server = createServer(serverOptions(limits), tracked(listener));
      server.setTimeout(limits.connectionTimeoutMs);
      return server.on('connection', admit);
    },
    closeStalled() {
      for (const [socket, requests] of open) if (!isHandling(requests)) close(socket);
    },
  };
}

/** Prefers a connection without a request to one whose request is incomplete: that may be an event on its way. */
function findIdlest(open: ReadonlyMap<Socket, ReadonlySet<IncomingMessage>>): Socket | undefined {
  let uploading: Socket | undefined;
  for (const [socket, requests] of open) {
    if (requests.size === 0) return socket;
    if (!isHandling(requests)) uploading ??= socket;
  }
  return uploading;
}

const isHandling = (requests: ReadonlySet<IncomingMessage>): boolean => [...requests].some(({ complete }) => complete);

const serverOptions = ({
  headersTimeoutMs,
  requestTimeoutMs,
  keepAliveTimeoutMs,
}: ConnectionLimits): ServerOptions => ({
  headersTimeout: headersTimeoutMs,
  requestTimeout: requestTimeoutMs,
  keepAliveTimeout: keepAliveTimeoutMs,
  // By default Node looks for slow senders only every 30 seconds.
  connectionsCheckingInterval: 1_000,
});
