import { toPlainNumber } from './plain-number.ts';
import type { Span, SpanMap, SpanValue } from './types.ts';
import { isSpanMap } from './value.ts';

/** What a model's use is counted in: tokens by kind, or money by kind. */
export type Amounts = Readonly<Record<string, number>>;

/**
 * Adds up an attribute of amounts over a trace. Frameworks that sum up their children on the parent span would count twice: below a span that has
 * the attribute, it is not looked at again. Undefined when no span has it. (As mlflow/tracing/utils `aggregate_usage_from_span_nodes`.)
 */
export function sumAmounts(spans: readonly Span[], key: string): Amounts | undefined {
  const byParent = Map.groupBy(spans, ({ parent }) => parent);
  const known = new Set(spans.map(({ id }) => id));
  const waiting = spans.filter(({ parent }) => parent === null || !known.has(parent));
  const totals = new Map<string, number>();
  // Each span once, or a loop of parents would never end.
  const seen = new Set<string>();
  for (let span = waiting.pop(); span !== undefined; span = waiting.pop()) {
    if (seen.has(span.id)) continue;
    seen.add(span.id);
    const own = span.attributes.get(key);
    if (isSpanMap(own) && own.size > 0) add(totals, own);
    else waiting.push(...(byParent.get(span.id) ?? []));
  }
  return totals.size === 0 ? undefined : Object.fromEntries(totals);
}

function add(totals: Map<string, number>, amounts: SpanMap): void {
  for (const [key, value] of amounts) {
    const amount = toAmount(value);
    if (amount !== undefined) totals.set(key, (totals.get(key) ?? 0) + amount);
  }
}

function toAmount(value: SpanValue): number | undefined {
  const number = toPlainNumber(value);
  return number !== undefined && Number.isFinite(number) ? number : undefined;
}
