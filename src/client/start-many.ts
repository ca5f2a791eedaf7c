import type { DeliveryHandle } from './delivery-handle.js';

/** How the start of one input went. */
export type StartResult<Input> = {
  /** Its place among the inputs, from 0. */
  readonly index: number;
  readonly input: Input;
} & ({ readonly ok: true; readonly handle: DeliveryHandle } | { readonly ok: false; readonly error: unknown });

export interface StartManyOptions {
  /** How many starts may be under way at once. Default 20. */
  readonly concurrency?: number;
}

/**
 * Starts at most `concurrency` at a time and yields each result in the inputs' order; a start that fails stops no other.
 * Takes inputs no faster than its results are taken, so they may be endless. Starts none any more once the caller leaves
 * the loop.
 */
export async function* startMany<Input>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  start: (input: Input) => Promise<DeliveryHandle>,
  { concurrency = 20 }: StartManyOptions = {},
): AsyncGenerator<StartResult<Input>, void, undefined> {
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new RangeError('concurrency must be a whole number from 1');
  const underWay: Promise<StartResult<Input>>[] = [];
  let index = 0;
  try {
    for await (const input of inputs) {
      underWay.push(resultOf(index, input, start));
      index += 1;
      const first = underWay.length >= concurrency ? underWay.shift() : undefined;
      if (first !== undefined) yield await first;
    }
    for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) yield await first;
  } finally {
    // Whoever leaves early may close the connection next.
    await Promise.all(underWay);
  }
}

async function resultOf<Input>(
  index: number,
  input: Input,
  start: (input: Input) => Promise<DeliveryHandle>,
): Promise<StartResult<Input>> {
  try {
    return { index, input, ok: true, handle: await start(input) };
  } catch (error) {
    return { index, input, ok: false, error };
  }
}
