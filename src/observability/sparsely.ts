/** For lines that a stranger can cause at will: the first at once, then at most one in this time. Milliseconds. */
const EVERY_MS = 60_000;

/** Calls `write` for the first of many, with how many were left out since the one before. */
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
