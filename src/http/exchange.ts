export type Fetch = typeof globalThis.fetch;

export interface ExchangeRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** The time limit for connecting, sending and reading the answer together, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly fetch?: Fetch | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The part of the body that came in time and within the size limit. May be incomplete or empty. */
  readonly body: string;
}

/** No status came back. `reached: false`: the request certainly never reached the server. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly reached: boolean;
  /** @param message a short reason such as `ECONNRESET`; never a URL, a header or text from the server */
  constructor({ reached, message }: { readonly reached: boolean; readonly message: string }) {
    super(message);
    this.reached = reached;
  }
}

/** RBM repeats the message (at most 250 KB) in its answer. Of an error page, the first lines are enough. Bytes. */
const MAX_BODY = 1024 * 1024;
const MAX_ERROR_BODY = 64 * 1024;

/**
 * Makes exactly one HTTP request: no retry, no redirect. A status line counts as the answer even if the body is lost.
 * Throws a NoAnswerError when no status line came.
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

/** A text without the byte order mark that many programs on Windows write first, and that JSON.parse refuses. */
const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '');

/** The JSON value of an answer's body; undefined when it isn't JSON (incomplete, or a front end's HTML page). */
export function jsonOf({ body }: Answer): unknown {
  try {
    return JSON.parse(withoutMark(body));
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
    // After a timeout it is unknown whether the request was written. It may have been.
    if (signal.aborted) throw new NoAnswerError({ reached: true, message: String(signal.reason) });
    throw noAnswer(error);
  }
}

/** Codes of faults that come before any byte of the request: a rule, name lookup, connecting, a proxy, the TLS handshake. */
const BEFORE_REQUEST =
  /^(?:EHTTP_NOT_ALLOWED|ECONNREFUSED|ENOTFOUND|EAI_\w+|E(?:HOST|NET)UNREACH|UND_ERR_CONNECT_TIMEOUT|EPROTO|CERT_\w+|UNABLE_TO_\w+|DEPTH_ZERO\w+|SELF_SIGNED\w+|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|PROXY_\w+|ERR_TLS_\w+|ERR_SSL_(?!\w*(?:BAD_RECORD|DECRYPT))\w+)$/;

/** Reads what Node's fetch (undici) throws, by its cause. When in doubt, the server was reached. */
function noAnswer(error: unknown): NoAnswerError {
  const { cause, message } = error instanceof Error ? error : new Error();
  if (message !== 'fetch failed') {
    // Thrown while the request was built, such as for a token with a line break. The text may repeat the value.
    return new NoAnswerError({ reached: false, message: 'the request could not be built' });
  }
  const { code, syscall, text } = fault(cause);
  // An AggregateError: the host has several addresses, and none accepted a connection.
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
    // The status is known, and only it matters.
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}
