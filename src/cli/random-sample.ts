/**
 * Chooses `size` items, each with the same chance, and holds no more than that in memory. Returns them all if there are
 * not more.
 */
export async function randomSample<T>(
  items: AsyncIterable<T>,
  { size, onItem = () => undefined }: { readonly size: number; readonly onItem?: (count: number) => void },
): Promise<T[]> {
  const chosen: T[] = [];
  let count = 0;
  for await (const item of items) {
    count += 1;
    onItem(count);
    // Algorithm R: the item that comes as number n stays with the chance size / n.
    const place = chosen.length < size ? chosen.length : Math.floor(Math.random() * count);
    if (place < size) chosen[place] = item;
  }
  return chosen;
}
