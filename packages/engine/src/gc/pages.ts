import type { Page, PageRequest } from '@pawl/core';

const ROWS = 500;

/** Every row of a list, page by page. */
export async function* rowsOf<Row>(list: (page: PageRequest) => Promise<Page<Row>>): AsyncGenerator<Row> {
  for (let after: string | undefined; ;) {
    const page = await list(after === undefined ? { limit: ROWS } : { limit: ROWS, after });
    yield* page.items;
    if (page.next === undefined) return;
    after = page.next;
  }
}
