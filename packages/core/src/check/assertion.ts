import type { CellValue } from '../serving/types.ts';
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
  | { readonly is: 'match' | 'not_match'; readonly pattern: Pattern };

/** Which rows of a condition over several columns are left out of the count. */
export type IgnoreRow = 'all_missing' | 'any_missing' | 'never';

/** Statistic of a column; nulls and NaN do not take part. `distinct` counts values, `distinct_share` divides that by the values that are there. */
export type Measure = 'min' | 'max' | 'mean' | 'median' | 'sum' | 'stdev' | 'distinct' | 'distinct_share';

/** What an expectation says, its keyword arguments read and checked. `mostly`: the share of the rows counted that must meet it. */
export type Assertion =
  | { readonly form: 'value'; readonly column: string; readonly condition: ValueCondition; readonly mostly: number }
  | {
      readonly form: 'pair';
      readonly a: string;
      readonly b: string;
      readonly compare: 'equal' | 'greater' | 'greater_or_equal';
      readonly ignore: IgnoreRow;
      readonly mostly: number;
    }
  | { readonly form: 'unique'; readonly columns: readonly string[]; readonly ignore: IgnoreRow; readonly mostly: number }
  | { readonly form: 'type'; readonly column: string; readonly types: readonly string[] }
  | { readonly form: 'measure'; readonly column: string; readonly measure: Measure; readonly bounds: Bounds }
  | {
      readonly form: 'distinct_set';
      readonly column: string;
      readonly relation: 'in' | 'contains' | 'equals';
      readonly values: readonly CellValue[];
    }
  | { readonly form: 'row_count' | 'column_count'; readonly bounds: Bounds }
  | { readonly form: 'column_exists'; readonly column: string; readonly index: number | null }
  | { readonly form: 'columns'; readonly columns: readonly string[]; readonly ordered: boolean; readonly exact: boolean }
  /** The expectation says nothing that can be evaluated. */
  | { readonly form: 'broken'; readonly problem: string };
