/** How long a call takes that is answered. Milliseconds. */
export const LATENCY = 50;
/** After this long a call without an answer is given up. Milliseconds. */
export const REQUEST_TIMEOUT = 10_000;
