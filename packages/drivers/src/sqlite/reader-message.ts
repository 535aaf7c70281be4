import type { Parameter } from '../sql/parameters.ts';

export interface ReaderStart {
  readonly path: string;
}

export interface Question {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

/** A column's values; numbers alone travel without being copied one by one. */
export type ReadColumn = Float64Array<ArrayBuffer> | readonly unknown[];

export type Answer =
  | { readonly kind: 'rows'; readonly names: readonly string[]; readonly columns: readonly ReadColumn[]; readonly count: number }
  | { readonly kind: 'failure'; readonly message: string; readonly code: string | undefined; readonly errcode: number | undefined };
