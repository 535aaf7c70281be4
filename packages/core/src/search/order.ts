import { fault, isFault } from '../fault/fault.ts';
import { excerpt } from './excerpt.ts';
import { findField } from './field.ts';
import { lex } from './lex.ts';
import type { Token } from './lex.ts';
import type { Order, SearchSpec } from './types.ts';

/** Beyond this many columns an order is refused: each may be one more table to join. */
const MOST_COLUMNS = 16;

/** Parses `column [ASC|DESC]` clauses; of a column named again the first place counts. Throws `search_order_invalid`. */
export function parseOrder(spec: SearchSpec, clauses: readonly string[]): readonly Order[] {
  const orders = new Map<string, Order>();
  for (const clause of clauses) {
    const order = parseClause(spec, clause);
    const name = JSON.stringify([order.entity, order.key]);
    if (!orders.has(name)) orders.set(name, order);
  }
  if (orders.size > MOST_COLUMNS) {
    throw fault('search_order_invalid', { problem: `Invalid order_by: at most ${MOST_COLUMNS} columns, got ${orders.size}` });
  }
  return [...orders.values()];
}

function parseClause(spec: SearchSpec, clause: string): Order {
  const [column, direction, ...more] = tokensOf(clause);
  const way = direction?.raw.toUpperCase() ?? 'ASC';
  if (column === undefined || (column.kind !== 'word' && column.kind !== 'text') || more.length > 0) {
    throw fault('search_order_invalid', { problem: `Invalid order_by clause '${excerpt(clause)}'. Could not be parsed.` });
  }
  if (way !== 'ASC' && way !== 'DESC') {
    throw fault('search_order_invalid', { problem: `Invalid ordering key in order_by clause '${excerpt(clause)}'.` });
  }
  const found = findField(spec, column.raw, 'orders');
  if (typeof found === 'string') throw fault('search_order_invalid', { problem: found });
  return { entity: found.entity, key: found.key, descending: way === 'DESC' };
}

function tokensOf(clause: string): readonly Token[] {
  try {
    return lex(clause);
  } catch (error) {
    if (!isFault(error, 'search_filter_invalid')) throw error;
    throw fault('search_order_invalid', { problem: `Invalid order_by clause '${excerpt(clause)}'. Could not be parsed.` }, error);
  }
}
