import { connect } from 'node:net';
import type { Call } from './fuzz-calls.js';

export interface Answered {
  /** 0: the server closed the connection without an answer. */
  readonly status: number;
  readonly text: string;
}

export interface Wire {
  readonly send: (call: Call) => Promise<Answered>;
  readonly close: () => void;
}

interface Pending {
  readonly call: Call;
  readonly answer: (answered: Answered) => void;
}

/** How many requests may be under way on a connection. The server closes it if there are more. */
const MOST_AT_ONCE = 8;

/**
 * Keeps real connections open and sends many requests over each without waiting, because a connection per call would cost
 * more than the call. Requests that the server leaves unanswered when it closes a connection are sent again, as RBM does.
 */
export function createWire({ port, connections }: { readonly port: number; readonly connections: number }): Wire {
  let queue: Pending[] = [];
  let scheduled = false;
  let closed = false;
  const lines = new Set<Line>();

  function flush(): void {
    scheduled = false;
    const share = Math.min(MOST_AT_ONCE, Math.ceil(queue.length / connections));
    while (queue.length > 0) {
      const idle = [...lines].find((line) => line.idle());
      if (idle === undefined && lines.size >= connections) return;
      (idle ?? open()).write(queue.splice(0, share));
    }
  }
  function flushSoon(): void {
    if (scheduled || closed) return;
    scheduled = true;
    setImmediate(flush);
  }
  function open(): Line {
    const line = createLine(port, {
      onIdle: flushSoon,
      onEnd(unanswered) {
        lines.delete(line);
        queue = [...unanswered, ...queue];
        flushSoon();
      },
    });
    lines.add(line);
    return line;
  }
  return {
    send: (call) =>
      new Promise((answer) => {
        queue.push({ call, answer });
        flushSoon();
      }),
    close() {
      closed = true;
      for (const line of lines) line.destroy();
    },
  };
}

/** One connection. */
interface Line {
  readonly idle: () => boolean;
  readonly write: (calls: readonly Pending[]) => void;
  readonly destroy: () => void;
}

function createLine(
  port: number,
  { onIdle, onEnd }: { readonly onIdle: () => void; readonly onEnd: (unanswered: readonly Pending[]) => void },
): Line {
  const waiting: Pending[] = [];
  let text = '';
  let last = false;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    for (let parsed = parse(text, waiting[0]?.call.method); parsed !== undefined;) {
      text = text.slice(parsed.length);
      // 100 Continue is not the answer yet.
      if (parsed.status >= 200) waiting.shift()?.answer(parsed);
      last ||= parsed.close;
      parsed = parse(text, waiting[0]?.call.method);
    }
    if (waiting.length === 0 && !last) onIdle();
  });
  socket.on('close', () => {
    if (!last) waiting.shift()?.answer({ status: 0, text });
    onEnd(waiting);
  });
  return {
    idle: () => waiting.length === 0 && !last,
    write(calls) {
      waiting.push(...calls);
      socket.write(Buffer.concat(calls.map(({ call }) => rawRequest(call, 'keep-alive'))));
    },
    destroy: () => socket.destroy(),
  };
}

/** Returns the first complete answer in `text`. */
function parse(text: string, method: string | undefined) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  const body = method === 'HEAD' || status < 200 || status === 204 ? 0 : bodyLength(head, text.slice(end + 4));
  if (body === undefined || text.length < end + 4 + body) return undefined;
  const length = end + 4 + body;
  return { status, text: text.slice(0, length), length, close: /\r\nconnection: close/i.test(head) };
}

/** Node's own answers (417, empty) come in chunks. The webhook's answers have a Content-Length. */
function bodyLength(head: string, rest: string): number | undefined {
  const said = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (said !== undefined) return Number(said);
  const end = rest.indexOf('0\r\n\r\n');
  return end < 0 ? undefined : end + 5;
}

export function rawRequest({ method, url, headers, body, chunk }: Call, connection: 'keep-alive' | 'close'): Buffer {
  const length = chunk === undefined ? { 'content-length': String(body.length) } : { 'transfer-encoding': 'chunked' };
  const all = { host: 'hooks.example.com', ...headers, ...length, connection };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const head = Buffer.from([`${method} ${url} HTTP/1.1`, ...lines, '', ''].join('\r\n'), 'latin1');
  return Buffer.concat([head, chunk === undefined ? body : Buffer.from(chunked(body, chunk), 'latin1')]);
}

function chunked(body: Buffer, size: number): string {
  let text = '';
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.toString('latin1', at, at + size);
    text += `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
  }
  return `${text}0\r\n\r\n`;
}
