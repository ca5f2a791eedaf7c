/** Runs `work` for 0 to `count` - 1, never more than `atATime` side by side. Rejects with the first error. */
export async function closedLoop(
  { count, atATime }: { readonly count: number; readonly atATime: number },
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      await work(next - 1);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, count) }, lane));
}
