/** How long a test waits for what must come about, on a machine that is several times slower than usual. Milliseconds. */
export const WAIT = 60_000;
