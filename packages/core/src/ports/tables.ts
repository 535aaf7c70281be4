import type { Hash } from './digest.ts';
import type { CellValue } from '../serving/types.ts';
import type { Expectation, ExpectationResult } from '../check/types.ts';
import type { Column, TableFormat } from '../dataset/types.ts';
import type { TableProfile } from '../dataset/profile.ts';
import type { FeatureView } from '../feature/types.ts';

/** Files of one format that are read as one table. `label` names them in messages. */
export interface TableSource {
  readonly format: TableFormat;
  /** Local paths (content-addressed ones have no extension). */
  readonly paths: readonly string[];
  readonly label: string;
}

export interface TableDescription {
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** What a table is judged by. */
export interface CheckRequest {
  readonly expectations: readonly Expectation[];
  /** Tables that expectations are compared with, by the name that they call it. */
  readonly references?: Readonly<Record<string, TableSource>>;
  /** The moment that ages are counted to; absent: none is, and freshness cannot be judged. */
  readonly at?: number;
}

/** Columns of a table in memory, each of one length. */
export interface ColumnarTable {
  readonly rows: number;
  readonly columns: Readonly<Record<string, readonly CellValue[]>>;
}

/** A column that came (before null), went (after null) or changed its type. */
export interface ColumnChange {
  readonly column: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface TableDiff {
  readonly columns: readonly ColumnChange[];
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  /** Columns that tell rows apart; without any, rows are compared as a multiset. */
  readonly key: readonly string[];
  readonly added: number;
  readonly removed: number;
  /** Null without a key: a row that changed is then one removed and one added. */
  readonly changed: number | null;
  readonly changedBy: readonly { readonly column: string; readonly rows: number }[];
  /** Of each column in both, the total variation distance of its values: 0 the same, 1 nothing in common. */
  readonly spread: readonly { readonly column: string; readonly distance: number }[];
}

/** Tables on files, read in the process and out of core (DuckDB). Throws `table_unreadable` naming the label, `column_missing`. */
export interface Tables {
  describe(source: TableSource): Promise<TableDescription>;
  /** Looks at every column in a few passes, in memory that does not grow with the rows. `hash` names the edges of the histograms. */
  profile(source: TableSource, hash: Hash): Promise<TableProfile>;
  /** Evaluates every expectation in as few scans as it can; a broken expectation is an `error` result and stops no other. */
  check(source: TableSource, asked: CheckRequest): Promise<readonly ExpectationResult[]>;
  /**
   * Writes the entity table with the view's features appended, point in time: a row at `time` sees only events strictly before it. Row order is kept and the
   * file is byte-identical for the same input. Returns the rows written.
   */
  joinFeatures(entities: TableSource, timeColumn: string, history: TableSource, view: FeatureView, target: string): Promise<number>;
  /** Rows in file order; only the columns named, or all. Integers beyond 2^53 are refused. */
  readColumns(source: TableSource, columns: readonly string[] | null): Promise<ColumnarTable>;
  /** What changed from one table to another. Throws `invalid_input` when the key does not tell rows apart. */
  diff(before: TableSource, after: TableSource, key: readonly string[]): Promise<TableDiff>;
  close(): Promise<void>;
}
