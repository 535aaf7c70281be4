import type { Digest } from '../ports/digest.ts';
import type { JsonObject, JsonValue } from '../ports/json.ts';

/** Only a `critical` expectation fails its suite; the others tell. */
export type Severity = 'critical' | 'warning' | 'info';

/** One statement about a table, in Great Expectations' vocabulary (name and kwargs as there). */
export interface Expectation {
  /** Such as `expect_column_values_to_be_between`. */
  readonly type: string;
  readonly kwargs: JsonObject;
  readonly severity: Severity;
  /** Asked in these environments only; absent: in all. */
  readonly environments?: readonly string[];
}

/** How the data looks in one of the places that a suite speaks of, such as serving. */
export interface CheckEnvironment {
  /** Columns that are not there, such as the label. */
  readonly without: readonly string[];
}

export interface CheckSuite {
  readonly name: string;
  readonly dataset: string;
  readonly expectations: readonly Expectation[];
  readonly environments?: Readonly<Record<string, CheckEnvironment>>;
  /** Each version of the dataset is judged by it before anything learns from it, unasked. */
  readonly automatic?: boolean;
}

/** `error`: the expectation itself could not be evaluated (unknown column, bad regular expression). */
export type ExpectationOutcome = 'passed' | 'failed' | 'error';

export interface ExpectationResult {
  readonly expectation: Expectation;
  readonly outcome: ExpectationOutcome;
  /** Rows that the row condition lets through; all without one. */
  readonly elementCount: number;
  /** Of these, the ones with nothing to look at, such as nulls; null where rows are not counted, as for a mean. */
  readonly missingCount: number | null;
  readonly unexpectedCount: number;
  /** What was found, such as a mean or the names of the columns. */
  readonly observed: JsonValue;
  /** Up to 20 values that broke it: of one column, or a list of each row's columns. */
  readonly samples: readonly JsonValue[];
  /** Where the samples are, the first row being 1; empty when they are no single rows. */
  readonly rows: readonly number[];
  /** Why it could not be evaluated, or that it passed vacuously. */
  readonly note: string | null;
}

export type CheckVerdict = 'passed' | 'failed' | 'error';

export interface CheckResult {
  readonly id: string;
  readonly dataset: string;
  readonly version: number;
  readonly suite: string;
  readonly suiteDigest: Digest;
  /** The environment it was asked for; null: none in particular. */
  readonly environment: string | null;
  readonly verdict: CheckVerdict;
  readonly results: readonly ExpectationResult[];
  readonly at: number;
}
