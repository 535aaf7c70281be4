/** Runs `act` for each item, at most `limit` at once. The first failure stops the taking of new ones and is thrown when those under way have ended. */
export async function forEach<Item>(items: readonly Item[], limit: number, act: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  let failed: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    while (next < items.length && failed === undefined) {
      const item = items[next] as Item;
      next += 1;
      try {
        await act(item);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failed !== undefined) throw failed.error;
}
