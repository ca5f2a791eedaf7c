/** What came of one input. */
export type WorkResult<Input, Value> = {
  /** The input's position, from 0. */
  readonly index: number;
  readonly input: Input;
} & ({ readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown });

export interface WorkOptions {
  /** How many inputs are worked on at the same time. Default 20. */
  readonly concurrency?: number;
}

/**
 * Works on at most `concurrency` inputs at a time and yields the results in the inputs' order. A failure stops no other. A
 * slow input delays no result. Inputs are read only as fast as results are taken, so they may be endless. If reading them
 * fails, yields the results of the running work, then throws. Leaving the loop stops further work.
 */
export async function* workThrough<Input, Value>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  work: (input: Input) => Promise<Value>,
  { concurrency = 20 }: WorkOptions = {},
): AsyncGenerator<WorkResult<Input, Value>, void, undefined> {
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new RangeError('concurrency must be a whole number from 1');
  const source = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
  const running: Promise<WorkResult<Input, Value>>[] = [];
  let reading: Promise<Given<Input>> | undefined;
  let last: Given<Input> | undefined;
  let index = 0;
  try {
    for (;;) {
      if (reading === undefined && last === undefined && running.length < concurrency) reading = next(source);
      const [first] = running;
      if (reading === undefined && first === undefined) break;
      const settled = await Promise.race([...(reading ? [reading] : []), ...(first ? [first] : [])]);
      if (!('end' in settled)) {
        void running.shift();
        yield settled;
        continue;
      }
      reading = undefined;
      if (settled.end !== 'no') {
        last = settled;
      } else {
        running.push(resultOf(index, settled.input, work));
        index += 1;
      }
    }
    if (last?.end === 'failed') throw last.error;
  } finally {
    // Inputs that are still being read may never answer, so they are not waited for.
    const left = last === undefined ? source.return?.() : undefined;
    if (reading === undefined) await left;
    // A caller that leaves early may close the connection next.
    await Promise.all(running);
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

async function resultOf<Input, Value>(
  index: number,
  input: Input,
  work: (input: Input) => Promise<Value>,
): Promise<WorkResult<Input, Value>> {
  try {
    return { index, input, ok: true, value: await work(input) };
  } catch (error) {
    return { index, input, ok: false, error };
  }
}
