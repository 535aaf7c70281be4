import { parseFilter } from '../search/filter.ts';
import { parseOrder } from '../search/order.ts';
import type { Field, Filter, Order, SearchRequest, SearchSpec } from '../search/types.ts';

const text: Field = { kind: 'text' };
const number: Field = { kind: 'number' };
const anyText: Field = { kind: 'text', nullable: true, orders: false };

/** What may be asked of logged models. A clause on a metric asks for one of its values, whatever the step. */
const spec: SearchSpec = {
  attribute: {
    aliases: ['attributes', 'attr'],
    fields: {
      name: text,
      model_id: text,
      model_type: text,
      status: text,
      source_run_id: text,
      creation_timestamp: number,
      creation_timestamp_ms: { ...number, as: 'creation_timestamp' },
      creation_time: { ...number, as: 'creation_timestamp' },
      last_updated_timestamp: number,
      last_updated_timestamp_ms: { ...number, as: 'last_updated_timestamp' },
      last_updated_time: { ...number, as: 'last_updated_timestamp' },
    },
  },
  metric: { aliases: ['metrics'], fields: number },
  parameter: { aliases: ['params', 'param', 'parameters'], fields: anyText },
  tag: { aliases: ['tags'], fields: anyText },
};

/** The data that metrics were measured on; null for whatever digest. */
export interface LoggedModelDataset {
  readonly name: string;
  readonly digest: string | null;
}

/** By the latest value of a metric (time, then step), only where it was measured on `dataset` when there is one. */
export interface LoggedModelOrder extends Order {
  readonly dataset: Partial<LoggedModelDataset> | null;
}

export interface LoggedModelSearch extends SearchRequest {
  readonly experiments: readonly number[];
  readonly orders: readonly LoggedModelOrder[];
  /** Clauses on metrics look at values measured on one of these; without such a clause, models that have any are found. All when empty. */
  readonly datasets: readonly LoggedModelDataset[];
}

/** Throws `search_filter_invalid`. A status may be written with the prefix that it has on the wire. */
export function parseLoggedModelFilter(source: string): Filter | undefined {
  const filter = parseFilter(spec, source);
  return filter && bareStatus(filter);
}

/** Throws `search_order_invalid`. `field` is an attribute or `metrics.<key>`, its key not quoted. */
export function parseLoggedModelOrder(field: string, ascending: boolean, dataset: LoggedModelOrder['dataset']): LoggedModelOrder {
  const key = /^metrics?\.(.+)$/s.exec(field)?.[1];
  const column = key === undefined ? field : `metrics.\`${key.replaceAll('`', '``')}\``;
  const order = parseOrder(spec, [`${column} ${ascending ? 'ASC' : 'DESC'}`])[0] as Order;
  return { ...order, dataset };
}

/** Whether some clause is about a metric. */
export function asksForMetrics(filter: Filter | undefined): boolean {
  if (filter === undefined) return false;
  if (filter.kind === 'not') return asksForMetrics(filter.part);
  return filter.kind === 'compare' ? filter.entity === 'metric' : filter.parts.some(asksForMetrics);
}

function bareStatus(filter: Filter): Filter {
  if (filter.kind === 'not') return { ...filter, part: bareStatus(filter.part) };
  if (filter.kind !== 'compare') return { ...filter, parts: filter.parts.map(bareStatus) };
  if (filter.entity !== 'attribute' || filter.key !== 'status') return filter;
  const bare = (value: string | number): string | number => (typeof value === 'string' ? value.replace(/^LOGGED_MODEL_/, '') : value);
  const { value } = filter;
  return { ...filter, value: value === null ? null : typeof value === 'object' ? value.map(bare) : bare(value) };
}
