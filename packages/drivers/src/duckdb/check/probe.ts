import type { DuckDBValue } from '@duckdb/node-api';
import type { Column, ExpectationOutcome, JsonValue } from '@pawl/core';
import type { Session } from '../session.ts';
import type { Kind } from './value.ts';

/** The table at hand as a FROM clause. */
export interface Batch {
  readonly from: string;
  readonly columns: readonly Column[];
  /** The same with the number of each row, from 1, as a column `ROW`: dearer to read than `from`. */
  readonly numbered: string;
  /** Its first rows. */
  head(rows: number): string;
}

/** The name of the column with a row's number. */
export const ROW = '"pawl row"';

export interface Finding {
  readonly outcome: ExpectationOutcome;
  /** Null: all rows of the table. */
  readonly elementCount: number | null;
  readonly missingCount: number | null;
  readonly unexpectedCount: number;
  readonly observed: JsonValue;
  readonly note: string | null;
  readonly samples?: readonly JsonValue[];
  readonly rows?: readonly number[];
}

/** Rows that broke an expectation: what to show of them, and the condition that they meet. */
export interface Examples {
  readonly values: readonly { readonly sql: string; readonly kind: Kind }[];
  readonly condition: string;
}

/** A part of the one statement that reads the table: aggregates, and how the answer is judged. */
export interface Pass {
  readonly kind: 'pass';
  readonly selects: readonly string[];
  /** What they are asked of, when that is not the table itself. */
  readonly from?: string;
  /** The rows that they are asked of; absent: all. */
  readonly where?: string;
  judge(answers: readonly DuckDBValue[], rows: number): Finding;
  readonly examples?: Examples;
}

/** Aggregates that must be known before it can be asked at all, such as a mean. */
export interface Staged {
  readonly kind: 'staged';
  readonly selects: readonly string[];
  readonly from?: string;
  readonly where?: string;
  asked(answers: readonly DuckDBValue[], rows: number): Pass;
}

/** Needs statements of its own. */
export interface Own {
  readonly kind: 'own';
  /** `rows`: of the whole table. */
  ask(session: Session, batch: Batch, rows: number): Promise<Finding>;
}

export type Probe = Pass | Staged | Own;

/** A probe that needs no data: the columns say it all. */
export function toSettled(finding: Finding): Pass {
  return { kind: 'pass', selects: [], judge: () => finding };
}

export function toBroken(problem: string): Pass {
  return toSettled({ outcome: 'error', elementCount: null, missingCount: null, unexpectedCount: 0, observed: null, note: problem });
}

/** Of an expectation that counts no rows. */
export function toFinding(passed: boolean, observed: JsonValue, unexpectedCount = 0, note: string | null = null): Finding {
  return { outcome: passed ? 'passed' : 'failed', elementCount: null, missingCount: null, unexpectedCount, observed, note };
}
