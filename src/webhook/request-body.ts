import { finished, type Readable } from 'node:stream';
import { WebhookError } from './errors.js';
import { OverloadedError } from './limiter.js';

/** The memory that large bodies share. */
export interface BodyBudget {
  /** Reserves memory. Returns false, and reserves nothing, when less than `bytes` is free. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/**
 * A body is read before its signature can be checked, so anybody can make the webhook hold one. A budget limits what
 * all large bodies hold together to `bytes`.
 */
export function createBodyBudget(bytes: number): BodyBudget {
  let free = bytes;
  return {
    reserve(wanted) {
      if (wanted > free) return false;
      free -= wanted;
      return true;
    },
    release(reserved) {
      free += reserved;
    },
  };
}

/** A body up to this size does not count against the budget, since events are far smaller. Bytes. */
const UNCHARGED_BYTES = 16 * 1024;
/** The memory that Node uses for each chunk in addition to its content. Bytes. */
const CHUNK_OVERHEAD_BYTES = 512;

/**
 * How many chunks a body may consist of: far more than a proxy splits an event into.
 * Ten senders of one-byte chunks, on two busy cores: an event waited up to 17 s without this limit, 4 s with it.
 */
const maxChunks = (bodyBytes: number) => 256 + bodyBytes / 64;

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
  /** Releases the body's memory. Call it when the request is over. */
  readonly release: () => void;
}

/**
 * Reads a request's body. The rest of a refused body is read and dropped, because a sender that is still writing often
 * sees a broken connection instead of the answer. Only a sender of too many chunks is cut off.
 */
export function readBody(stream: Readable, { declared, maxBytes, budget }: ReadBodyOptions): BodyRead {
  const memory = createReservation(budget);
  let kept: Buffer[] = [];
  let refused = false;
  const body = new Promise<Buffer>((resolve, reject) => {
    const refuse = (error: Error) => {
      refused = true;
      kept = [];
      memory.release();
      reject(error);
    };
    let length = 0;
    let chunks = 0;
    const onChunk = (chunk: Buffer) => {
      length += chunk.length;
      chunks += 1;
      if (chunks > maxChunks(length)) {
        stream.off('data', onChunk);
        refuse(new WebhookError('BAD_REQUEST'));
        // The answer is written first.
        setImmediate(() => stream.destroy());
      } else if (!refused) {
        if (length > maxBytes) refuse(new WebhookError('BODY_TOO_LARGE'));
        else if (memory.add(chunk.length + CHUNK_OVERHEAD_BYTES)) kept.push(chunk);
        else refuse(new OverloadedError('too many large bodies at one time'));
      }
    };
    stream.on('data', onChunk);
    finished(stream, (error) => {
      if (error) refuse(new WebhookError('BAD_REQUEST'));
      else resolve(Buffer.concat(kept));
      kept = [];
    });
    if ((declared ?? 0) > maxBytes) refuse(new WebhookError('BODY_TOO_LARGE'));
  });
  return { body, release: memory.release };
}

interface Reservation {
  /** Returns false when the budget has less than these bytes free. */
  readonly add: (bytes: number) => boolean;
  readonly release: () => void;
}

/** Counts what one body holds, and charges all of it to the budget once it is more than UNCHARGED_BYTES. */
function createReservation(budget: BodyBudget): Reservation {
  let held = 0;
  let charged = 0;
  return {
    add(bytes) {
      held += bytes;
      const charge = held > UNCHARGED_BYTES ? held - charged : 0;
      if (!budget.reserve(charge)) return false;
      charged += charge;
      return true;
    },
    release() {
      budget.release(charged);
      held = 0;
      charged = 0;
    },
  };
}
