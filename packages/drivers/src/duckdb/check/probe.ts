import type { DuckDBValue } from '@duckdb/node-api';
import type { ExpectationOutcome, JsonValue } from '@pawl/core';
import type { Kind } from './value.ts';

export interface Finding {
  readonly outcome: ExpectationOutcome;
  readonly unexpectedCount: number;
  readonly observed: JsonValue;
  readonly note: string | null;
  readonly samples?: readonly JsonValue[];
}

/** Values that broke an expectation: what to select, from which rows. */
export interface Examples {
  readonly values: readonly { readonly sql: string; readonly kind: Kind }[];
  /** What follows FROM: WHERE, GROUP BY. */
  readonly rest: string;
}

/** What one expectation asks of the one statement that reads the table, and how it judges the answer. */
export interface Probe {
  /** Aggregates over the table, or scalar subqueries; each becomes one column of one row. */
  readonly selects: readonly string[];
  judge(answers: readonly DuckDBValue[], rows: number): Finding;
  readonly examples?: Examples;
}

/** A probe that needs no data: the columns say it all. */
export function toSettled(finding: Finding): Probe {
  return { selects: [], judge: () => finding };
}

export function toFinding(passed: boolean, observed: JsonValue, unexpectedCount: number, note: string | null = null): Finding {
  return { outcome: passed ? 'passed' : 'failed', unexpectedCount, observed, note };
}
