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
 * Starts at most `concurrency` at a time and yields each result in the inputs' order, without waiting for an input that is
 * slow to come; a start that fails stops no other. Takes inputs no faster than its results are taken, so they may be
 * endless. When the inputs fail, the results under way are yielded before that error is thrown. Starts none any more once
 * the caller leaves the loop.
 */
export async function* startMany<Input>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  start: (input: Input) => Promise<DeliveryHandle>,
  { concurrency = 20 }: StartManyOptions = {},
): AsyncGenerator<StartResult<Input>, void, undefined> {
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new RangeError('concurrency must be a whole number from 1');
  const source = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
  const underWay: Promise<StartResult<Input>>[] = [];
  let asked: Promise<Given<Input>> | undefined;
  let last: Given<Input> | undefined;
  let index = 0;
  try {
    for (;;) {
      if (asked === undefined && last === undefined && underWay.length < concurrency) asked = next(source);
      const [first] = underWay;
      if (asked === undefined && first === undefined) break;
      const came = await Promise.race([...(asked ? [asked] : []), ...(first ? [first] : [])]);
      if (!('end' in came)) {
        void underWay.shift();
        yield came;
        continue;
      }
      asked = undefined;
      if (came.end !== 'no') {
        last = came;
      } else {
        underWay.push(resultOf(index, came.input, start));
        index += 1;
      }
    }
    if (last?.end === 'failed') throw last.error;
  } finally {
    // One that is still asked for an input might never answer.
    const left = last === undefined ? source.return?.() : undefined;
    if (asked === undefined) await left;
    // Whoever leaves early may close the connection next.
    await Promise.all(underWay);
  }
}

type Given<Input> =
  | { readonly end: 'no'; readonly input: Input }
  | { readonly end: 'done' }
  | { readonly end: 'failed'; readonly error: unknown };

async function next<Input>(source: Iterator<Input> | AsyncIterator<Input>): Promise<Given<Input>> {
  try {
    const given = await source.next();
    return given.done === true ? { end: 'done' } : { end: 'no', input: given.value };
  } catch (error) {
    return { end: 'failed', error };
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
