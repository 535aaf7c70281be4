import type { JsonValue } from '../ports/json.ts';
import type { CellValue } from '../serving/types.ts';
import type { RowCondition } from './condition/types.ts';
import type { DateFormat } from './date-format.ts';
import type { Partition } from './partition.ts';
import type { Pattern } from './pattern.ts';

/** At least one side is there, and both are of one type. */
export interface Bounds {
  readonly min: number | string | null;
  readonly max: number | string | null;
  readonly strictMin: boolean;
  readonly strictMax: boolean;
}

/** A condition that one value meets or not; a null (or NaN) is never asked, but by the two that are about nulls. */
export type ValueCondition =
  | { readonly is: 'null' }
  | { readonly is: 'not_null' }
  | { readonly is: 'between'; readonly bounds: Bounds }
  | { readonly is: 'length_between'; readonly bounds: Bounds }
  /** `values` null: everything is in it. */
  | { readonly is: 'in_set' | 'not_in_set'; readonly values: readonly CellValue[] | null }
  /** How many of the patterns are found in the value. */
  | { readonly is: 'match'; readonly patterns: readonly Pattern[]; readonly found: 'any' | 'all' | 'none' }
  /** The text is written in one of the formats, and names a day that there is. */
  | { readonly is: 'date'; readonly formats: readonly DateFormat[] }
  /** The text is JSON, and of the schema if there is one. */
  | { readonly is: 'json'; readonly schema: JsonValue };

/** Which rows of a condition over several columns are left out of the count. */
export type IgnoreRow = 'all_missing' | 'any_missing' | 'never';

/**
 * Statistic of a column; nulls and NaN do not take part. `distinct` counts values, `distinct_share` divides that by the values that are there; `present_share`
 * divides those by all rows.
 */
export type Measure = 'min' | 'max' | 'mean' | 'median' | 'sum' | 'stdev' | 'distinct' | 'distinct_share' | 'present_share';

/** Which value stands for a quantile that falls between two. */
export type Interpolation = 'nearest' | 'linear' | 'lower' | 'higher' | 'midpoint';

/** How a column is compared with a version of a dataset; `effect` is Pawl's own rule, whose limit is the PSI of no interest. */
export type DistributionTest = 'effect' | 'ks' | 'chi_square' | 'psi' | 'kl' | 'js';

interface Rows {
  /** Share of the rows counted that must meet it. */
  readonly mostly: number;
}

/** What an expectation says, its keyword arguments read and checked. */
export type Form =
  | (Rows & { readonly form: 'value'; readonly column: string; readonly condition: ValueCondition })
  | (Rows & {
      readonly form: 'pair';
      readonly a: string;
      readonly b: string;
      readonly compare: 'equal' | 'greater' | 'greater_or_equal';
      readonly ignore: IgnoreRow;
    })
  | (Rows & {
      readonly form: 'pair_set';
      readonly a: string;
      readonly b: string;
      /** Null: every pair is in it. */
      readonly pairs: readonly (readonly [CellValue, CellValue])[] | null;
      readonly ignore: IgnoreRow;
    })
  /** About the values of several columns in one row; nulls equal each other. */
  | (Rows & {
      readonly form: 'record';
      readonly columns: readonly string[];
      readonly are: 'different' | 'equal';
      readonly ignore: IgnoreRow;
    })
  | (Rows & { readonly form: 'record_sum'; readonly columns: readonly string[]; readonly total: number; readonly ignore: IgnoreRow })
  | (Rows & { readonly form: 'unique'; readonly columns: readonly string[]; readonly ignore: IgnoreRow })
  | (Rows & { readonly form: 'order'; readonly column: string; readonly rising: boolean; readonly strictly: boolean })
  /** How far values lie from the rest of their column: in standard deviations from the mean, or in interquartile ranges beyond the quartiles. */
  | (Rows & {
      readonly form: 'spread';
      readonly column: string;
      readonly method: 'z' | 'std' | 'iqr';
      readonly limit: number;
      readonly doubleSided: boolean;
    })
  /** Values occur in a column of another dataset. */
  | (Rows & { readonly form: 'foreign'; readonly column: string; readonly reference: string; readonly referenceColumn: string })
  | { readonly form: 'type'; readonly column: string; readonly types: readonly string[] }
  | { readonly form: 'measure'; readonly column: string; readonly measure: Measure; readonly bounds: Bounds }
  | {
      readonly form: 'distinct_set';
      readonly column: string;
      readonly relation: 'in' | 'contains' | 'equals';
      readonly values: readonly CellValue[];
    }
  | { readonly form: 'most_common'; readonly column: string; readonly values: readonly CellValue[]; readonly ties: boolean }
  | {
      readonly form: 'quantiles';
      readonly column: string;
      readonly quantiles: readonly number[];
      readonly ranges: readonly (readonly [number | null, number | null])[];
      readonly interpolation: Interpolation;
    }
  | { readonly form: 'divergence'; readonly column: string; readonly partition: Partition; readonly threshold: number | null }
  /** Chi-square goodness of fit to stated weights. */
  | { readonly form: 'fit'; readonly column: string; readonly partition: Partition; readonly p: number }
  | { readonly form: 'association'; readonly a: string; readonly b: string; readonly threshold: number }
  | {
      readonly form: 'distribution';
      readonly column: string;
      readonly reference: string;
      readonly test: DistributionTest;
      /** The largest effect, distance or divergence; the smallest p for `ks` and `chi_square`. */
      readonly limit: number;
    }
  /** The newest time of the column is no older than this when the version was made. */
  | { readonly form: 'fresh'; readonly column: string; readonly maxAgeMs: number }
  | { readonly form: 'row_count' | 'column_count'; readonly bounds: Bounds }
  | { readonly form: 'same_row_count'; readonly reference: string }
  | { readonly form: 'column_exists'; readonly column: string; readonly index: number | null }
  | { readonly form: 'columns'; readonly columns: readonly string[]; readonly ordered: boolean; readonly exact: boolean }
  /** Rows that a query returns are unexpected; `{batch}` in it is the table. */
  | { readonly form: 'query'; readonly query: string }
  /** The expectation says nothing that can be evaluated; `path` leads to the keyword argument at fault. */
  | { readonly form: 'broken'; readonly problem: string; readonly path: readonly string[] };

export type Assertion = Form & {
  /** Only rows that meet it are looked at; null: all. */
  readonly where: RowCondition | null;
};
