import { connect } from 'node:net';
import { deliveredEvent, signedCall, userMessage, type SignedCall } from './rbm-sender.js';

/** How many answers of each status a flood of each kind got. */
export type FloodCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

interface Kind {
  /** How many connections flood at a time. A closed one is opened again. */
  readonly connections: number;
  /** What a new connection writes, and after each answer again. */
  readonly write: () => string;
  /** Whether it waits for the answer before it writes more. */
  readonly waits: boolean;
}

function rawPost({ body, headers }: SignedCall, path = '/webhooks/rbm'): string {
  const all = { host: 'x', ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${path} HTTP/1.1`, ...head, '', body].join('\r\n');
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const PARTS = [
  'POST /webh',
  'POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
];

/** What one hostile source can send: with no token, but with events that it has seen. */
function kindsOf(token: string): Readonly<Record<string, Kind>> {
  const seen = [deliveredEvent({ agentId: 'seen' }), userMessage()].map((event) => rawPost(signedCall(event, token)));
  const forged = rawPost(signedCall(deliveredEvent(), 'forged'));
  const { headers } = signedCall(deliveredEvent(), 'forged');
  const oversized = rawPost({ body: 'x'.repeat(1_000_000), headers });
  const receipt = rawPost({ body: '{}'.padEnd(60_000), headers }, '/webhooks/sms/http');
  let turn = 0;
  const next = (texts: readonly string[]) => texts[(turn += 1) % texts.length] ?? '';
  return {
    forged: { connections: 20, write: () => next([forged, receipt]), waits: true },
    replayed: { connections: 20, write: () => next(seen), waits: true },
    oversized: { connections: 5, write: () => oversized, waits: true },
    slow: { connections: 300, write: () => next(PARTS), waits: false },
    pipelined: { connections: 5, write: () => forged.repeat(200), waits: true },
    probes: {
      connections: 10,
      write: () => next(['/readyz', '/metrics', '/healthz']).replace(/^.*$/, get),
      waits: true,
    },
  };
}

/** Floods from now on. The returned function stops it, and returns what it got. */
export function startFlood(url: string, token: string): () => FloodCounts {
  const { hostname, port } = new URL(url);
  const counts: Record<string, Record<string, number>> = {};
  const sockets = new Set<{ destroy(): void }>();
  let stopped = false;

  function open(name: string, kind: Kind): void {
    if (stopped) return;
    const own = (counts[name] ??= {});
    const count = (what: string) => (own[what] = (own[what] ?? 0) + 1);
    const socket = connect(Number(port), hostname);
    sockets.add(socket);
    socket.on('connect', () => socket.write(kind.write()));
    socket.setEncoding('latin1').on('data', (text: string) => {
      const statuses = text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
      for (const status of statuses) count(status.slice(-3));
      if (statuses.length > 0 && kind.waits && socket.writable) socket.write(kind.write());
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      count('closed');
      setTimeout(open, 50, name, kind);
    });
  }

  for (const [name, kind] of Object.entries(kindsOf(token))) {
    for (let n = 0; n < kind.connections; n += 1) open(name, kind);
  }
  return () => {
    stopped = true;
    for (const socket of sockets) socket.destroy();
    return counts;
  };
}
