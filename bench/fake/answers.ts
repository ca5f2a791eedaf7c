import type { IncomingHttpHeaders } from 'node:http';
import { NO_RCS_PREFIX, type RequestKind } from './protocol.js';

/** How the fake answers one request. `kind` and `id` are absent for a request of a token, which nobody measures. */
export interface FakeAnswer {
  readonly kind?: RequestKind;
  readonly id?: string;
  readonly status: number;
  readonly body: string;
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const CREATE = /^\/v1\/phones\/([^/]+)\/agentMessages\?.*?messageId=([0-9a-f-]+)/;
const DELETE = /^\/v1\/phones\/[^/]+\/agentMessages\/([0-9a-f-]+)/;
const TOKEN = JSON.stringify({ access_token: 'bench', expires_in: 3599, token_type: 'Bearer' });

/** Reads the address and the headers only, so that the fake costs as little as possible. */
export function answerTo({ method, url, headers }: Request): FakeAnswer {
  if (url === '/token') return { status: 200, body: TOKEN };
  if (url === '/sms') return { kind: 'sms', id: idIn(headers['idempotency-key']), status: 200, body: '{"id":"1"}' };
  if (url === '/callback') return { kind: 'callback', id: idIn(headers['webhook-id']), status: 200, body: '{}' };
  if (url.startsWith('/bare/')) return { kind: 'bare', id: url.slice(6), status: 200, body: created(url) };
  const [, deleted] = (method === 'DELETE' && DELETE.exec(url)) || [];
  if (deleted !== undefined) return { kind: 'delete', id: deleted, status: 200, body: '{}' };
  const [, phone = '', id] = CREATE.exec(url) ?? [];
  if (id === undefined) return { status: 404, body: '{}' };
  if (phone.startsWith(NO_RCS_PREFIX)) return { kind: 'create', id, status: 404, body: NOT_FOUND };
  return { kind: 'create', id, status: 200, body: created(`phones/${phone}/agentMessages/${id}`) };
}

/** The AgentMessage that RBM answers. */
const created = (name: string) =>
  JSON.stringify({ name, sendTime: new Date().toISOString(), contentMessage: { text: 'Your code is 482913' } });
const NOT_FOUND = JSON.stringify({ error: { code: 404, message: 'Not found.', status: 'NOT_FOUND' } });

/** The messageId in a workflow id or in the id of a notification: `message-delivery:{agentId}:{messageId}`. */
const idIn = (header: string | string[] | undefined): string => /[0-9a-f-]{36}/.exec(String(header))?.[0] ?? '';
