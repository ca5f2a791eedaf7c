import type { FastifyInstance } from 'fastify';
import type { Connections } from '../http/connections.js';
import type { WebhookLimits } from './limits.js';

export interface DrainOptions {
  readonly limits: Pick<WebhookLimits, 'stalledMs' | 'drainMs'>;
  readonly connections: Connections;
  /** From its abort on, every answer closes its connection, so that callers look for another server. */
  readonly shutdown?: AbortSignal | undefined;
}

/**
 * Makes `close()` accept no new connection, answer new requests on open ones with 503, and let those in progress
 * finish. After `stalledMs` it closes idle connections and stalled senders: Node stops its own timeouts when the server
 * closes. After `drainMs` it closes the rest, whose events are then unacknowledged.
 */
export function drainOnClose(app: FastifyInstance, { limits, connections, shutdown }: DrainOptions): void {
  const { stalledMs, drainMs } = limits;
  const timers: NodeJS.Timeout[] = [];
  app.addHook('preClose', (done) => {
    const closeAll = () => {
      app.server.closeAllConnections();
    };
    // The timers need not keep the process alive: the connections do.
    timers.push(setTimeout(connections.closeStalled, stalledMs).unref(), setTimeout(closeAll, drainMs).unref());
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (timers.length > 0 || shutdown?.aborted === true) reply.header('connection', 'close');
    done(null, payload);
  });
  app.server.once('close', () => {
    timers.forEach(clearTimeout);
  });
}
