import type { Digest } from '../ports/digest.ts';
import type { JsonObject, JsonValue } from '../ports/json.ts';

export type Severity = 'critical' | 'warning' | 'info';

/** One statement about a table, in Great Expectations' vocabulary (name and kwargs as there). */
export interface Expectation {
  /** Such as `expect_column_values_to_be_between`. */
  readonly type: string;
  readonly kwargs: JsonObject;
  readonly severity: Severity;
}

export interface CheckSuite {
  readonly name: string;
  readonly dataset: string;
  readonly expectations: readonly Expectation[];
}

/** `error`: the expectation itself could not be evaluated (unknown column, bad regular expression). */
export type ExpectationOutcome = 'passed' | 'failed' | 'error';

export interface ExpectationResult {
  readonly expectation: Expectation;
  readonly outcome: ExpectationOutcome;
  readonly elementCount: number;
  readonly unexpectedCount: number;
  /** Aggregate found, such as a row count. */
  readonly observed: JsonValue;
  /** Up to 20 values that broke it. */
  readonly samples: readonly JsonValue[];
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
  readonly verdict: CheckVerdict;
  readonly results: readonly ExpectationResult[];
  readonly at: number;
}
