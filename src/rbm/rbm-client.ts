import { z } from 'zod';
import { NO_ACCESS_TOKEN } from '../contract/failures.js';
import { exchange, jsonOf, NoAnswerError, type Answer, type Fetch } from '../http/exchange.js';
import { retryAfterMs } from '../http/retry-after.js';
import { TookTooLongError, within } from '../http/within.js';
import { createAnswerOf, type CreateAnswer } from './create-answer.js';
import type { RbmAuth } from './rbm-auth.js';
import type { RbmEndpointFor } from './rbm-endpoint.js';
import { RbmError, type RbmErrorKind } from './rbm-error.js';

export interface CreateAgentMessageRequest {
  /** E.164 with its `+`. */
  readonly recipient: string;
  /** Without `@rbm.goog`. */
  readonly agentId: string;
  /** A UUID in lower case. RBM ignores a second message with the same id, so a retry is harmless. */
  readonly messageId: string;
  /** RBM's AgentContentMessage, sent unchanged. */
  readonly contentMessage: Readonly<Record<string, unknown>>;
  readonly messageTrafficType?: string;
  /** RFC 3339, at most 15 days ahead. */
  readonly expireTime: string;
  /** The time limit of the whole call (token, request and answer), in milliseconds. */
  readonly timeoutMs: number;
}

interface RevokeRequest {
  readonly recipient: string;
  readonly agentId: string;
  readonly messageId: string;
  readonly timeoutMs: number;
}

export interface CreatedAgentMessage extends CreateAnswer {
  /** RBM answered 409: it had this message already. Then its answer has no other field. */
  readonly acceptedEarlier: boolean;
}

/** RBM's phones.agentMessages. Each call makes one HTTP request and never retries. Throws an RbmError. */
export interface RbmClient {
  /** Returns when RBM has accepted the message (2xx or 409). That does not mean delivery. */
  createAgentMessage(request: CreateAgentMessageRequest, signal?: AbortSignal): Promise<CreatedAgentMessage>;
  /**
   * Returns on 2xx. RBM's pages contradict each other on what that proves, and a 404 is ambiguous (docs/rbm.md,
   * "Revocation"). The caller must decide what either means.
   */
  deleteAgentMessage(request: RevokeRequest, signal?: AbortSignal): Promise<void>;
}

export interface RbmClientOptions {
  /** The base URL of every request, from `rbmEndpoint`, or that of each agent's, from `rbmEndpointPerAgent`. */
  readonly endpoint: string | RbmEndpointFor;
  readonly auth: RbmAuth;
  readonly fetch?: Fetch;
  readonly userAgent?: string;
  /** The time of a monotonic clock, in milliseconds. */
  readonly clock?: () => number;
}

export function createRbmClient(options: RbmClientOptions): RbmClient {
  return {
    createAgentMessage: (request, signal) => createAgentMessage(options, request, signal),
    deleteAgentMessage: (request, signal) => deleteAgentMessage(options, request, signal),
  };
}

async function createAgentMessage(
  options: RbmClientOptions,
  request: CreateAgentMessageRequest,
  signal?: AbortSignal,
): Promise<CreatedAgentMessage> {
  const { recipient, agentId, messageId, contentMessage, messageTrafficType, expireTime, timeoutMs } = request;
  const path = `/v1/phones/${pathSegment(recipient)}/agentMessages?${query({ messageId, agentId })}`;
  const body = JSON.stringify({ contentMessage, messageTrafficType, expireTime });
  const answer = await call(options, { method: 'POST', agentId, path, body, timeoutMs, signal });
  // 409 is not documented for RBM, but its message ids are idempotent. With ABORTED, Google's APIs mean "try again".
  if (answer.status === 409 && googleStatus(answer) !== 'ABORTED') return { acceptedEarlier: true };
  if (!isSuccess(answer)) throw errorFor(answer);
  return { acceptedEarlier: false, ...createAnswerOf(jsonOf(answer)) };
}

async function deleteAgentMessage(
  options: RbmClientOptions,
  { recipient, agentId, messageId, timeoutMs }: RevokeRequest,
  signal?: AbortSignal,
): Promise<void> {
  const path = `/v1/phones/${pathSegment(recipient)}/agentMessages/${pathSegment(messageId)}?${query({ agentId })}`;
  const answer = await call(options, { method: 'DELETE', agentId, path, timeoutMs, signal });
  if (!isSuccess(answer)) throw errorFor(answer);
}

interface Call {
  readonly method: 'POST' | 'DELETE';
  readonly agentId: string;
  readonly path: string;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

async function call(options: RbmClientOptions, request: Call): Promise<Answer> {
  const { endpoint, auth, fetch, userAgent = 'rcs-message-delivery', clock = () => performance.now() } = options;
  const { method, agentId, path, body, timeoutMs, signal } = request;
  const url = (typeof endpoint === 'string' ? endpoint : endpoint(agentId)) + path;
  const begin = clock();
  const token = await tokenWithin({ auth, ms: timeoutMs / 2, signal });
  const quotaProject = auth.caller?.()?.quotaProject;
  const headers = {
    authorization: `Bearer ${token}`,
    ...(quotaProject !== undefined && { 'x-goog-user-project': quotaProject }),
    'user-agent': userAgent,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(shouldCloseConnection(begin) && { connection: 'close' }),
  };
  const timeLeft = Math.max(timeoutMs - (clock() - begin), 1);
  try {
    const answer = await exchange({ url, method, headers, body, timeoutMs: timeLeft, signal, fetch });
    if (answer.status === 401) auth.invalidate(token);
    return answer;
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    if (error.reached) throw new RbmError({ kind: 'unanswered', message: `RBM gave no answer: ${error.message}` });
    const status = /^[A-Z][A-Z0-9_]*$/.test(error.message) ? error.message : undefined;
    throw new RbmError({ kind: 'notSent', message: `RBM was not reached: ${error.message}`, status });
  }
}

/** Gets a token in at most half of the call's time. The request needs the rest. */
async function tokenWithin({ auth, ms, signal }: { auth: RbmAuth; ms: number; signal: AbortSignal | undefined }) {
  try {
    return await within(auth.accessToken(), ms, signal);
  } catch (error) {
    if (error instanceof RbmError) throw error;
    const why = error instanceof TookTooLongError ? 'no access token in time' : 'no access token: cancelled';
    throw new RbmError({ kind: 'notSent', message: why, status: NO_ACCESS_TOKEN });
  }
}

/**
 * Whether a request should close its connection. No pooled connection may live longer than 300 s, the DNS lifetime of the
 * domain (RBM "Best practices"). Node's pool has no maximum age, so in the last 10 s of every 240 s each request closes its
 * connection. The pool itself closes a connection that is idle through those 10 s, after 4 s.
 */
export function shouldCloseConnection(clockMs: number): boolean {
  return clockMs % 240_000 >= 230_000;
}

const KINDS: Readonly<Record<number, RbmErrorKind>> = {
  400: 'invalidArgument',
  401: 'unauthenticated',
  403: 'permissionDenied',
  404: 'notFound',
  429: 'resourceExhausted',
};

/** Reads the HTTP status alone: RBM publishes no list of errors, and a front end may answer with an HTML page. */
function errorFor(answer: Answer): RbmError {
  const { status: httpStatus, headers } = answer;
  const kind = KINDS[httpStatus] ?? (httpStatus >= 500 ? 'unavailable' : 'unexpected');
  const status = googleStatus(answer);
  const message = `RBM answered ${String(httpStatus)}${status === undefined ? '' : ` ${status}`}`;
  return new RbmError({ kind, message, httpStatus, status, retryAfterMs: retryAfterMs(headers) });
}

const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300;

const GoogleError = z.object({ error: z.object({ status: z.string().regex(/^[A-Z][A-Z_]{1,39}$/) }) });

/** The code of google.rpc, if well-formed. The rest of an error body may repeat parts of the request. */
function googleStatus(answer: Answer): string | undefined {
  return GoogleError.safeParse(jsonOf(answer)).data?.error.status;
}

/** RFC 3986 allows an unescaped `+` in a path, and RBM's samples have it. */
const pathSegment = (text: string): string => encodeURIComponent(text).replaceAll('%2B', '+');
const query = (parameters: Record<string, string>): string => new URLSearchParams(parameters).toString();
