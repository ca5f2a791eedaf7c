import type * as Webhook from '../../../src/webhook/index.js';

const BUILT = new URL('../../../dist/webhook/index.js', import.meta.url).href;

/** The webhook as it is shipped: compiled, from the entry that an embedder imports. */
export const { buildServer, TemporalUnavailableError } = (await import(BUILT)) as typeof Webhook;
