import type { StartedDelivery } from './delivery-handle.js';
import { workThrough } from './work-through.js';

/** The result of starting one input. */
export type StartResult<Input> = {
  /** The input's position, from 0. */
  readonly index: number;
  readonly input: Input;
} & ({ readonly ok: true; readonly handle: StartedDelivery } | { readonly ok: false; readonly error: unknown });

export interface StartManyOptions {
  /** How many starts run at the same time. Default 20. */
  readonly concurrency?: number;
}

/** Starts the inputs as {@link workThrough} says. */
export async function* startMany<Input>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  start: (input: Input) => Promise<StartedDelivery>,
  options?: StartManyOptions,
): AsyncGenerator<StartResult<Input>, void, undefined> {
  for await (const result of workThrough(inputs, start, options)) {
    const { index, input } = result;
    yield result.ok
      ? { index, input, ok: true, handle: result.value }
      : { index, input, ok: false, error: result.error };
  }
}
