import type { FastifyRequest } from 'fastify';
import { OverloadedError } from './gate.js';
import type { WebhookLimits } from './limits.js';

/** What nobody needs room for: many times an event of RBM's. Bytes. */
const SMALL = 16 * 1024;

/** Takes room for a request's body, and returns how to give it back. Throws an OverloadedError when there is none. */
export type BodyBudget = (request: FastifyRequest) => () => void;

/**
 * A body must be read before its signature can be checked, so anybody can make us hold one. All large ones together get
 * this much memory; small ones, as events are, always find room.
 */
export function createBodyBudget({
  bodyBytes,
  bodiesBytes,
}: Pick<WebhookLimits, 'bodyBytes' | 'bodiesBytes'>): BodyBudget {
  let left = bodiesBytes;
  return ({ headers }) => {
    const declared = headers['content-length'];
    const most = declared === undefined ? sizeOfChunked(headers['transfer-encoding'], bodyBytes) : Number(declared);
    // What is too large is refused unread.
    if (most <= SMALL || most > bodyBytes) return () => undefined;
    if (most > left) throw new OverloadedError('too many large bodies at one time');
    left -= most;
    return () => (left += most);
  };
}

const sizeOfChunked = (encoding: string | undefined, bodyBytes: number) => (encoding === undefined ? 0 : bodyBytes);
