import type { Pattern } from '../pattern.ts';

export type Sign = '=' | '!=' | '<' | '<=' | '>' | '>=';

/**
 * A condition on one row. With `nullsDiffer` (pandas) a missing value is unequal to everything and a comparison is true or false; without (SQL) it is unknown.
 * Rows for which the whole is true are looked at.
 */
export type RowCondition =
  | { readonly op: 'and' | 'or'; readonly parts: readonly RowCondition[] }
  | { readonly op: 'not'; readonly part: RowCondition }
  | {
      readonly op: 'compare';
      readonly column: string;
      readonly sign: Sign;
      readonly value: number | string | boolean;
      readonly nullsDiffer: boolean;
    }
  | { readonly op: 'compare_columns'; readonly a: string; readonly sign: Sign; readonly b: string; readonly nullsDiffer: boolean }
  | {
      readonly op: 'in';
      readonly column: string;
      readonly values: readonly (number | string | boolean)[];
      readonly negated: boolean;
      readonly nullsDiffer: boolean;
    }
  | { readonly op: 'null'; readonly column: string; readonly negated: boolean }
  | { readonly op: 'like'; readonly column: string; readonly pattern: Pattern; readonly negated: boolean };
