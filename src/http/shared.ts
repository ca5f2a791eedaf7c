/** Calls `ask` at most once at a time, and uses its answer again for `holdsMs` milliseconds. A rejection is not kept. */
export function shared<T>(ask: () => Promise<T>, holdsMs: number): () => Promise<T> {
  let latest: { readonly answer: Promise<T>; endsAt: number } | undefined;
  return () => {
    if (latest !== undefined && performance.now() < latest.endsAt) return latest.answer;
    const asked = { answer: ask(), endsAt: Infinity };
    latest = asked;
    const expire = (inMs: number) => () => {
      asked.endsAt = performance.now() + inMs;
    };
    asked.answer.then(expire(holdsMs), expire(0));
    return asked.answer;
  };
}
