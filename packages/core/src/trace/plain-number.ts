import type { SpanValue } from './types.ts';

/** A number of either kind; undefined for anything else. */
export function toPlainNumber(value: SpanValue | undefined): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : undefined;
}
