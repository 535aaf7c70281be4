import { keysOf, toCells } from '@pawl/core';
import type { Cell, Database, RunSearch, SearchColumn } from '@pawl/core';

export interface TableRequest extends Omit<RunSearch, 'columns'> {
  readonly columns: readonly SearchColumn[];
}

export interface TablePage {
  readonly rows: readonly (readonly Cell[])[];
  /** Absent on the last page. */
  readonly next?: string;
}

/** Runs as rows of just the columns asked for: two metrics of tens of thousands of runs are one short answer. */
export interface TableService {
  /** Throws `invalid_cursor`. */
  page(request: TableRequest): Promise<TablePage>;
  /** Every row, page by page; `limit` at most when it is told. */
  all(request: Omit<TableRequest, 'limit' | 'after'> & { readonly limit?: number }): AsyncGenerator<readonly (readonly Cell[])[]>;
}

/** Rows read at once for `all`, and held in memory; more in an order of their own, which is worked out anew for each page. */
const PAGE = 1000;
const ORDERED_PAGE = 5000;

export function createTableService({ database }: { readonly database: Database }): TableService {
  const { read } = database;

  async function page({ columns, ...search }: TableRequest): Promise<TablePage> {
    const metrics = keysOf(columns, 'metric');
    const extreme = keysOf(columns, 'metric_min', 'metric_max');
    const found = await read.runs.search({
      ...search,
      columns: { metrics, params: keysOf(columns, 'parameter'), tags: keysOf(columns, 'tag'), links: false },
    });
    const ids = found.items.map(({ run }) => run.id);
    const extremes = Map.groupBy(extreme.length === 0 ? [] : await read.series.extremes(ids, extreme), ({ run }) => run);
    const experiments = new Map<number, string>();
    if (keysOf(columns, 'attribute').includes('experiment')) {
      for (const number of new Set(found.items.map(({ run }) => run.experiment))) {
        experiments.set(number, (await read.experiments.get(number))?.name ?? String(number));
      }
    }
    const rows = found.items.map((detail) => toCells(columns, detail, extremes.get(detail.run.id) ?? [], experiments));
    return found.next === undefined ? { rows } : { rows, next: found.next };
  }

  return {
    page,
    async *all({ limit = Infinity, ...request }) {
      let left = limit;
      let after: string | undefined;
      do {
        const asked = { ...request, limit: Math.min(request.orders.length === 0 ? PAGE : ORDERED_PAGE, left) };
        const found = await page(after === undefined ? asked : { ...asked, after });
        yield found.rows;
        left -= found.rows.length;
        after = found.next;
      } while (after !== undefined && left > 0);
    },
  };
}
