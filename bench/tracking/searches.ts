interface Search {
  readonly query: { readonly filter?: string; readonly order_by?: readonly string[] };
  /** Which page is asked for. */
  readonly page?: 2;
  readonly finds: number;
}

const FILTER = "metrics.accuracy > 0.5 AND params.optimizer = 'adam'";
const ORDER = ['metrics.loss ASC'];

/** A page of 1,000 of the runs that `fill` leaves. The first is the one that is compared; the others are what people ask for too, and what is hard. */
export const searches: Readonly<Record<string, Search>> = {
  search_runs: { query: { filter: FILTER, order_by: ORDER }, finds: 1000 },
  search_next_page: { query: { filter: FILTER, order_by: ORDER }, page: 2, finds: 1000 },
  search_newest: { query: {}, finds: 1000 },
  search_by_metric: { query: { filter: 'metrics.accuracy > 0.9' }, finds: 1000 },
  search_by_tag: { query: { filter: "tags.team = 'team-3'" }, finds: 1000 },
  search_by_name: { query: { filter: "attributes.run_name LIKE 'run-99%'" }, finds: 1000 },
  search_best: { query: { order_by: ['metrics.accuracy DESC'] }, finds: 1000 },
  search_param_order: { query: { order_by: ['params.optimizer ASC'] }, finds: 1000 },
  search_all_match: { query: { filter: 'metrics.accuracy >= 0', order_by: ORDER }, finds: 1000 },
  search_none_match: { query: { filter: "metrics.accuracy > 0.5 AND params.optimizer LIKE '%none%'", order_by: ORDER }, finds: 0 },
  search_half_lack: { query: { order_by: ['metrics.half ASC'] }, finds: 1000 },
};
