// Several pieces of work at once, but never more than so many.

/** What `task` gives for each of `items`, in their order; at most `most` are under way at a time. */
export async function inTurns<Item, Result>(items: readonly Item[], most: number, task: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async () => {
    for (let at = next++; at < items.length; at = next++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      results[at] = await task(items[at] as Item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
  return results;
}
