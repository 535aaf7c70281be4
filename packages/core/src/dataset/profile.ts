import type { JsonValue } from '../ports/json.ts';
import type { Histogram } from '../statistics/histogram.ts';
import type { QuantileEdges } from '../statistics/quantile-edges.ts';

/** What a table holds, column by column; computed once for the files of a version. Plain JSON. */
export interface TableProfile {
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
}

/** What the values of a column seem to stand for. */
export type Semantic =
  | 'empty'
  | 'constant'
  | 'boolean'
  | 'identifier'
  | 'category'
  | 'count'
  | 'number'
  | 'time'
  | 'date text'
  | 'email'
  | 'url'
  | 'uuid'
  | 'json'
  | 'number text'
  | 'text'
  | 'nested';

export interface ColumnProfile {
  readonly name: string;
  /** DuckDB's name of the type. */
  readonly type: string;
  readonly semantic: Semantic;
  readonly nulls: number;
  /** Different values that are there; exact for columns of few values, else from a sketch. */
  readonly distinct: { readonly count: number; readonly exact: boolean };
  /** Smallest and largest value, of what has an order. */
  readonly min: JsonValue;
  readonly max: JsonValue;
  /** The most frequent values with their counts, at most 20, all of up to 100 different ones; found by a sketch when there are many, counted exactly. */
  readonly top: readonly { readonly value: JsonValue; readonly count: number }[];
  readonly numbers: NumberProfile | null;
  readonly texts: TextProfile | null;
}

/** Of the finite values of a numeric or boolean column; booleans are 0 and 1. */
export interface NumberProfile {
  readonly nans: number;
  readonly positiveInfinite: number;
  readonly negativeInfinite: number;
  readonly zeros: number;
  readonly negatives: number;
  readonly mean: number;
  /** Unbiased (divided by n − 1); null of a single value. */
  readonly variance: number | null;
  readonly quantiles: readonly { readonly share: number; readonly value: number }[];
  /** Cells end at quantiles of the column; the counts are exact. */
  readonly edges: QuantileEdges;
  readonly histogram: Histogram;
}

export interface TextProfile {
  readonly empty: number;
  /** Lengths in code points. */
  readonly minLength: number;
  readonly maxLength: number;
  readonly meanLength: number;
  /** Shapes of values, with their share of the values looked at, most frequent first. */
  readonly shapes: readonly { readonly shape: string; readonly share: number }[];
}

export const PROFILE_QUANTILES: readonly number[] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/** Where the quantile lies on a histogram: the smallest edge below which that share of the values is. */
export function quantileOf(edges: QuantileEdges, counts: readonly number[], share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [cell, count] of counts.entries()) {
    below += count;
    if (below >= share * total && below > 0) return edges.edges[cell] ?? edges.max;
  }
  return edges.max;
}

/** The shape of a text: runs of letters, digits and spaces become one `A`, `a`, `9` or space; anything else stays. `2024-01-31` is `9-9-9`. */
export function toShape(text: string): string {
  return text
    .slice(0, LONGEST_SHAPED)
    .replaceAll(/\p{Nd}+/gu, '9')
    .replaceAll(/\p{Lu}+/gu, 'A')
    .replaceAll(/[\p{L}\p{M}]*[^\P{L}A][\p{L}\p{M}]*/gu, (letters) => (letters.startsWith('A') ? 'Aa' : 'a'))
    .replaceAll(/\s+/gu, ' ')
    .slice(0, LONGEST_SHAPE);
}

const LONGEST_SHAPED = 200;
const LONGEST_SHAPE = 40;

/** Values of a column, with how often each was seen. */
export type Weighed = readonly { readonly value: string; readonly count: number }[];

const MOST_SHAPES = 10;

export function toShapes(values: Weighed): TextProfile['shapes'] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const { value, count } of values) {
    const shape = toShape(value);
    counts.set(shape, (counts.get(shape) ?? 0) + count);
    total += count;
  }
  return [...counts.entries()]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, MOST_SHAPES)
    .map(([shape, count]) => ({ shape, share: count / total }));
}

const FORMS: readonly (readonly [Semantic, RegExp])[] = [
  ['uuid', /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i],
  ['email', /^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+$/],
  ['url', /^[a-z][a-z0-9+.-]*:\/\/\S+$/i],
  ['date text', /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/],
  ['number text', /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/],
  ['json', /^(?:\{.*\}|\[.*\])$/s],
];

/** As many values of the form make the column one of it: some dirt does not. */
const FORM_SHARE = 0.95;
/** Few values, each seen often: names of classes. */
const MOST_CATEGORIES = 1000;
const LEAST_REPEATED = 5;
/** Fewer values say nothing of what is unique. */
const LEAST_UNIQUE = 100;

export interface SemanticSigns {
  readonly type: string;
  readonly present: number;
  readonly distinct: number;
  /** False when it is a sketch's guess. */
  readonly exact: boolean;
  readonly whole: boolean;
  readonly numeric: boolean;
  readonly negatives: number;
  readonly values: Weighed;
}

export function toSemantic({ type, present, distinct, exact, whole, numeric, negatives, values }: SemanticSigns): Semantic {
  if (present === 0) return 'empty';
  if (distinct === 1) return 'constant';
  if (type === 'BOOLEAN') return 'boolean';
  if (/^(DATE|TIME|TIMESTAMP)/.test(type) && !type.endsWith(']')) return 'time';
  if (/[[(]/.test(type) && !/^(DECIMAL|ENUM)/.test(type)) return 'nested';
  const unique = distinct >= (exact ? 0.99 : 0.9) * present && present >= LEAST_UNIQUE;
  if (numeric) {
    if (whole && unique && negatives === 0) return 'identifier';
    return whole && negatives === 0 ? 'count' : 'number';
  }
  const total = values.reduce((sum, { count }) => sum + count, 0);
  const form = FORMS.find(
    ([, pattern]) => values.reduce((sum, { value, count }) => sum + (pattern.test(value) ? count : 0), 0) >= FORM_SHARE * total,
  );
  if (form !== undefined && total > 0) return form[0];
  if (unique) return 'identifier';
  return distinct <= MOST_CATEGORIES && present >= LEAST_REPEATED * distinct ? 'category' : 'text';
}
