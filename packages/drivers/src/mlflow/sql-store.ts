import type { ReportProblem } from '@pawl/core';
import type { ForeignRow } from './foreign.ts';
import type { ValueReader } from './read.ts';

export interface SqlSourceOptions {
  readonly name: string;
  readonly folders: readonly string[];
  readonly report: ReportProblem;
  /** The workspace to read, where the server has several. */
  readonly workspace: string;
}

/** An MLflow database with what reads it. Columns that its schema does not have read as null: all schemas since 1.0 are read by the same code. */
export interface SqlStore extends SqlSourceOptions {
  readonly values: ValueReader;
  has(table: string, column?: string): boolean;
  rows(sql: string, parameters?: readonly (string | number)[]): Promise<readonly ForeignRow[]>;
  /** `select` list of these columns of a table. */
  columns(table: string, names: readonly string[], as?: string): string;
  /** Condition on the workspace, and its parameter; none where the schema has no workspaces. */
  inWorkspace(table: string, as?: string): { readonly sql: string; readonly parameters: readonly string[] };
}
