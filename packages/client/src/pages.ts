import type { Page } from '@pawl/core';

/** Every item of a paged operation, asking for the next page when the items before it are used up. */
export async function* items<Item>(page: (cursor: { readonly after?: string }) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: { readonly after?: string } = {};
  for (;;) {
    const { items: found, next } = await page(cursor);
    yield* found;
    if (next === undefined) return;
    cursor = { after: next };
  }
}
