import type { Readable } from 'node:stream';
import type { BodyBudget } from './body-budget.js';
import { OverloadedError } from './gate.js';
import { createGrowingBody } from './growing-body.js';
import { WebhookError } from './webhook-error.js';

/**
 * In how many chunks a body may come: far more than any proxy makes of an event, and so many that a large body's cost is
 * still that of its bytes.
 */
const mostChunks = (length: number) => 256 + length / 64;

/** What is read of a refused body before its sender is cut off, in bytes: an embedder's server may have no request timeout. */
const MOST_DISCARDED = 64 * 1024 * 1024;

export interface BodyLimits {
  /** Content-Length, when given. */
  readonly declared?: number | undefined;
  /** The longest body that is read. */
  readonly most: number;
  readonly budget: BodyBudget;
}

export interface BeingRead {
  /** Rejects with a WebhookError or an OverloadedError. */
  readonly body: Promise<Buffer>;
  /** Gives the body's room back. To be called when its request has been answered or its sender is gone. */
  readonly release: () => void;
}

/**
 * Reads a request's body. What is refused is still read to its end and thrown away: were the connection closed on a sender
 * that has not finished, it would often see no answer, but a broken connection. Only who sends absurdly small chunks, or
 * does not come to an end, is cut off.
 */
export function readBody(stream: Readable, { declared, most, budget }: BodyLimits): BeingRead {
  const held = createGrowingBody({ most: declared ?? most, budget });
  let state: 'reading' | 'discarding' | 'cut' = 'reading';
  let length = 0;
  let chunks = 0;
  const body = new Promise<Buffer>((resolve, reject) => {
    const refuse = (error: Error) => {
      state = 'discarding';
      held.drop();
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
      if (chunks > mostChunks(length)) cut();
      else if (state === 'discarding') {
        if (length > most + MOST_DISCARDED) cut();
      } else if (length > most) refuse(new WebhookError('BODY_TOO_LARGE'));
      else if (!held.append(chunk)) refuse(new OverloadedError('too many large bodies at one time'));
    });
    stream.once('end', () => {
      resolve(held.bytes());
    });
    const broken = () => {
      if (!stream.readableEnded) refuse(new WebhookError('BAD_REQUEST'));
    };
    stream.once('error', broken).once('close', broken);
    if ((declared ?? 0) > most) refuse(new WebhookError('BODY_TOO_LARGE'));
  });
  return { body, release: held.drop };
}
