import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpSmsReceipts, httpSms } from '../sms/http-provider.js';
import type { SmsReceipt } from '../sms/sms-receipts.js';

/** One call of the gateway to this listener, and how it was answered. */
export type Post =
  | { readonly fault: string }
  | {
      readonly receipt: SmsReceipt;
      /** The answer was 503, so the gateway has to repeat it. */ readonly refused: boolean;
    };

/** Receives receipts as the webhook does, but answers the first one 503. */
export interface ReceiptListener {
  readonly port: number;
  /** Every call so far, but receipts of other SMS. */
  readonly posts: readonly Post[];
  /** How many receipts had a reference that is not of this run. */
  readonly strangers: () => number;
  /** Resolves at the next call. */
  readonly next: () => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

export interface ReceiptListenerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly secrets: readonly string[];
  /** Whether a receipt is about an SMS of this run. */
  readonly isOurs: (reference: string) => boolean;
}

export const RECEIPTS_PATH = `/webhooks/sms/${httpSms.name}`;
/** The webhook's limit. Bytes. */
const MAX_BODY = 64 * 1024;

/** Rejects if the port can't be listened on. */
export async function listenForReceipts(options: ReceiptListenerOptions): Promise<ReceiptListener> {
  const { secrets, isOurs } = options;
  const receipts = createHttpSmsReceipts({ secrets });
  const posts: Post[] = [];
  let strangers = 0;
  let refused = false;
  const calls = new EventEmitter();

  function note(post: Post): void {
    posts.push(post);
    calls.emit('post');
  }

  async function answerTo(request: IncomingMessage): Promise<number> {
    const { method, url = '', headers } = request;
    const body = await bodyOf(request);
    const problem = problemOf({ method, path: url.split('?')[0], headers, size: body.length });
    if (problem !== undefined) {
      note({ fault: problem.fault });
      return problem.status;
    }
    const reading = await receipts.read({ headers, url, body });
    if (reading.kind !== 'receipt') {
      note({ fault: reading.kind === 'unsigned' ? UNSIGNED : 'not a JSON object with reference and status' });
      return reading.kind === 'unsigned' ? 401 : 200;
    }
    if (!isOurs(reading.reference ?? '')) {
      strangers += 1;
      return 200;
    }
    const refuses = !refused;
    refused = true;
    note({ receipt: reading, refused: refuses });
    return refuses ? 503 : 200;
  }

  const server = createServer((request, response) => {
    answerTo(request).then(
      (status) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'),
      () => response.destroy(),
    );
  });
  server.listen(options.port);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    posts,
    strangers: () => strangers,
    next: () => once(calls, 'post'),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const UNSIGNED = 'not signed with SMS_WEBHOOK_SECRET, or more than 5 minutes ago';

interface Call {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly size: number;
}

/** What the webhook refuses before it looks at the signature. */
function problemOf({ method, path, headers, size }: Call): { status: number; fault: string } | undefined {
  if (method !== 'POST' || path !== RECEIPTS_PATH) return { status: 404, fault: `not a POST to ${RECEIPTS_PATH}` };
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return { status: 415, fault: 'not Content-Type: application/json' };
  if (headers['content-encoding'] !== undefined) return { status: 415, fault: 'compressed' };
  return size > MAX_BODY ? { status: 413, fault: 'longer than 64 KiB' } : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= 2 * MAX_BODY) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
