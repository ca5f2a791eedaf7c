import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerTo } from './answers.js';
import type { FromFake, RequestKind, SeenRequest, ToFake } from './protocol.js';

/*
 * RBM, Google's token endpoint, the SMS gateway and the receiver of callbacks, as one process that does next to nothing.
 * It answers at once, reports when each request came, and can leave one kind without an answer.
 */

/** The bench acts on requests (a phone answers a create), so it hears of them soon. Milliseconds. */
const REPORT_EVERY_MS = 10;

const tell = (message: FromFake) => process.send?.(message);
let seen: SeenRequest[] = [];
let hanging: RequestKind | null = null;

function handle(request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = request;
  const { kind, id = '', status, body } = answerTo({ method, url, headers });
  if (kind !== undefined) seen.push({ kind, id, at: Date.now() });
  request.resume();
  if (kind !== undefined && kind === hanging) return;
  request.once('end', () => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
}

setInterval(() => {
  if (seen.length === 0) return;
  tell({ type: 'requests', requests: seen });
  seen = [];
}, REPORT_EVERY_MS);

process.on('message', ({ kind }: ToFake) => {
  hanging = kind;
});
// The bench has ended, however it ended.
process.on('disconnect', () => process.exit());

const server = createServer(handle).listen(0, '127.0.0.1', () => {
  tell({ type: 'listening', port: (server.address() as AddressInfo).port });
});
