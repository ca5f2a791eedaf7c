/** The shortest time between two calls. Milliseconds. */
const EVERY_MS = 60_000;

/**
 * Limits log lines that a stranger can cause at will. Calls `write` at most once a minute, with the number of calls left
 * out since the last time.
 */
export function sparsely<Detail = void>(write: (leftOut: number, detail: Detail) => void): (detail: Detail) => void {
  let last = -Infinity;
  let leftOut = 0;
  return (detail) => {
    if (performance.now() - last < EVERY_MS) {
      leftOut += 1;
      return;
    }
    last = performance.now();
    write(leftOut, detail);
    leftOut = 0;
  };
}
