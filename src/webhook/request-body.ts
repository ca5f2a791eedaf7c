import type { Readable } from 'node:stream';
import { WebhookError } from './errors.js';
import { OverloadedError } from './limiter.js';

/** The memory that large bodies share. */
export interface BodyBudget {
  /** Reserves memory. Returns false, and reserves nothing, when less than `bytes` is free. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/**
 * A body is read before its signature can be checked, so anybody can make the webhook hold one. A budget limits what all
 * large bodies hold together to `bytes`.
 */
export function createBodyBudget(bytes: number): BodyBudget {
  let free = bytes;
  return {
    take(wanted) {
      if (wanted > free) return false;
      free -= wanted;
      return true;
    },
    give(taken) {
      free += taken;
    },
  };
}

/** Bodies up to this size do not count against the budget: events are far smaller, and always find room. Bytes. */
const UNCHARGED_BYTES = 16 * 1024;
/** The size of a body's first buffer. Bytes. */
const FIRST_BUFFER_BYTES = 1024;

/**
 * In how many chunks a body may come: far more than any proxy makes of an event, and so many that a large body's cost is
 * still that of its bytes.
 */
const maxChunks = (length: number) => 256 + length / 64;

/** What is read of a refused body before its sender is cut off, in bytes: an embedder's server may have no request timeout. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

export interface ReadBodyOptions {
  /** Content-Length, when given. Bytes. */
  readonly declared?: number | undefined;
  /** The longest body that is accepted. Bytes. */
  readonly maxBytes: number;
  readonly budget: BodyBudget;
}

export interface BodyRead {
  /** Rejects with a WebhookError or an OverloadedError. */
  readonly body: Promise<Buffer>;
  /** Gives the body's memory back. Call it when the request is over. */
  readonly release: () => void;
}

/**
 * Reads a request's body. What is refused is still read to its end and thrown away: were the connection closed on a sender
 * that has not finished, it would often see no answer, but a broken connection. Only who sends absurdly small chunks, or
 * does not come to an end, is cut off.
 */
export function readBody(stream: Readable, { declared, maxBytes, budget }: ReadBodyOptions): BodyRead {
  const buffer = createGrowingBuffer(declared ?? maxBytes, budget);
  let state: 'reading' | 'discarding' | 'cut' = 'reading';
  let length = 0;
  let chunks = 0;
  const body = new Promise<Buffer>((resolve, reject) => {
    const refuse = (error: Error) => {
      state = 'discarding';
      buffer.release();
      reject(error);
    };
    const cut = () => {
      if (state === 'reading') refuse(new WebhookError('BAD_REQUEST'));
      state = 'cut';
      // The answer is written before.
      setImmediate(() => stream.destroy());
    };
    stream.on('data', (chunk: Buffer) => {
      if (state === 'cut') return;
      length += chunk.length;
      chunks += 1;
      if (chunks > maxChunks(length)) cut();
      else if (state === 'discarding') {
        if (length > maxBytes + MAX_DISCARDED_BYTES) cut();
      } else if (length > maxBytes) refuse(new WebhookError('BODY_TOO_LARGE'));
      else if (!buffer.append(chunk)) refuse(new OverloadedError('too many large bodies at one time'));
    });
    stream.once('end', () => {
      resolve(buffer.bytes());
    });
    const broken = () => {
      if (!stream.readableEnded) refuse(new WebhookError('BAD_REQUEST'));
    };
    stream.once('error', broken).once('close', broken);
    if ((declared ?? 0) > maxBytes) refuse(new WebhookError('BODY_TOO_LARGE'));
  });
  return { body, release: buffer.release };
}

interface GrowingBuffer {
  /** Returns false when the budget has no room for the chunk. */
  readonly append: (chunk: Uint8Array) => boolean;
  readonly bytes: () => Buffer;
  /** Drops the bytes and gives their memory back to the budget. */
  readonly release: () => void;
}

/**
 * Collects a body in one buffer, which doubles up to `maxBytes`. A list of chunks would cost far more for a body that
 * comes in single bytes, since Node makes an object of several hundred bytes of each.
 */
function createGrowingBuffer(maxBytes: number, budget: BodyBudget): GrowingBuffer {
  let buffer = Buffer.alloc(0);
  let length = 0;
  let charged = 0;

  function grow(needed: number): boolean {
    const size = Math.max(needed, Math.min(maxBytes, Math.max(buffer.length * 2, FIRST_BUFFER_BYTES)));
    const charge = size > UNCHARGED_BYTES ? size - charged : 0;
    if (!budget.take(charge)) return false;
    charged += charge;
    const larger = Buffer.allocUnsafe(size);
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
    return true;
  }

  return {
    append(chunk) {
      const needed = length + chunk.length;
      if (needed > buffer.length && !grow(needed)) return false;
      buffer.set(chunk, length);
      length = needed;
      return true;
    },
    bytes: () => buffer.subarray(0, length),
    release() {
      budget.give(charged);
      charged = 0;
      length = 0;
      buffer = Buffer.alloc(0);
    },
  };
}

/** Returns the JSON value of a body, or undefined when it is not JSON in UTF-8. Never throws. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
