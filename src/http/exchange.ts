export type Fetch = typeof globalThis.fetch;

export interface ExchangeRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** The most that connecting, sending, the answer's head and its body may take together, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly fetch?: Fetch | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** As much of the body as came in time and within the limit: it may be cut short, or be empty. */
  readonly body: string;
}

/** No status came back. `reached: false`: the request surely never reached the server. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly reached: boolean;
  /** @param message a short reason such as `ECONNRESET`; never a URL, a header or text of the server's */
  constructor({ reached, message }: { readonly reached: boolean; readonly message: string }) {
    super(message);
    this.reached = reached;
  }
}

/** RBM echoes the message (at most 250 KB) in its answer; an error page is worth no more than a few lines. Bytes. */
const MAX_BODY = 1024 * 1024;
const MAX_ERROR_BODY = 64 * 1024;

/**
 * Makes exactly one HTTP request: no retry, no redirect followed. Once a status line is there it is the answer, whatever
 * happens to the body. Throws a NoAnswerError when none came.
 */
export async function exchange(request: ExchangeRequest): Promise<Answer> {
  if (request.signal?.aborted === true) throw new NoAnswerError({ reached: false, message: 'cancelled' });
  const controller = new AbortController();
  const stop = abortWhenOver(controller, request);
  try {
    const response = await send(request, controller.signal);
    const { status, headers, ok } = response;
    return { status, headers, body: await readUpTo(response, ok ? MAX_BODY : MAX_ERROR_BODY) };
  } finally {
    stop();
  }
}

/** The JSON value of an answer's body; undefined when it isn't JSON (cut short, an HTML page of a front end). */
export function jsonOf({ body }: Answer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function abortWhenOver(controller: AbortController, { timeoutMs, signal }: ExchangeRequest): () => void {
  const timer = setTimeout(() => {
    controller.abort('no answer in time');
  }, timeoutMs);
  const onAbort = (): void => {
    controller.abort('cancelled');
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
}

async function send(request: ExchangeRequest, signal: AbortSignal): Promise<Response> {
  const { url, method, headers, body = null, fetch = globalThis.fetch } = request;
  try {
    return await fetch(url, { method, headers, body, signal, redirect: 'manual' });
  } catch (error) {
    // A timeout can't tell whether the request was written before it struck: it may have been.
    if (signal.aborted) throw new NoAnswerError({ reached: true, message: String(signal.reason) });
    throw noAnswer(error);
  }
}

/** Faults that come before any byte of the request: name lookup, connecting, the TLS handshake. */
const BEFORE_REQUEST =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|E(?:HOST|NET)UNREACH|UND_ERR_CONNECT_TIMEOUT|EPROTO|CERT_\w+|UNABLE_TO_\w+|DEPTH_ZERO\w+|SELF_SIGNED\w+|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|ERR_TLS_\w+|ERR_SSL_(?!\w*(?:BAD_RECORD|DECRYPT))\w+)$/;

/** What Node's fetch (undici) throws, read by its cause. When in doubt, the server was reached. */
function noAnswer(error: unknown): NoAnswerError {
  const { cause, message } = error instanceof Error ? error : new Error();
  if (message !== 'fetch failed') {
    // Thrown while the request was put together (a token with a line break, say); the text may repeat a value of it.
    return new NoAnswerError({ reached: false, message: 'the request could not be built' });
  }
  const { code, syscall, text } = fault(cause);
  // Several faults in one: a host with several addresses, none of which could be connected to.
  const several = cause instanceof AggregateError;
  const early = several || BEFORE_REQUEST.test(code) || syscall === 'connect' || syscall === 'getaddrinfo';
  const reached = !early && text !== 'bad port' && !text.includes('before secure TLS connection was established');
  return new NoAnswerError({ reached, message: /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'connection lost' });
}

function fault(cause: unknown): { readonly code: string; readonly syscall: string; readonly text: string } {
  if (!(cause instanceof Error)) return { code: '', syscall: '', text: '' };
  const { code, syscall } = cause as NodeJS.ErrnoException;
  return { code: code ?? '', syscall: syscall ?? '', text: cause.message };
}

async function readUpTo(response: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) break; // leaving the loop closes the connection
    }
  } catch {
    // The status is known, and it is what counts.
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}
