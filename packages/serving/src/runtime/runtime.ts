import type { CellValue } from '@pawl/core';
import type { Batch, Columns, TensorSpec } from '../tensor/tensor.ts';

/** What MLflow's `predict` gives of a model: one output as an array, or several by row or by name; `as-sent`: by row for a table. */
export interface Predicts {
  readonly form: 'array' | 'records' | 'object' | 'as-sent';
  /** Empty: all outputs. */
  readonly outputs: readonly string[];
}

/** Exact contributions of columns to the sums that a model's answers are made from (log-odds of a classifier, its values' own scale or its logarithm otherwise). */
export interface Explanation {
  readonly columns: readonly string[];
  /** Sums a row: one, or one a class or target. */
  readonly targets: number;
  /** [rows, targets, columns + 1]: of each column, then what a row is expected to have of which nothing is known. */
  readonly contributions: Float64Array;
}

/** The model cannot answer just now, whatever it is asked; the message says why. */
export class RuntimeUnavailable extends Error {}

/** Nobody waits for the answer any more. */
export class DeadlineExceeded extends Error {}

/** Port: a loaded model. Another engine is another folder beside `onnx/`. */
export interface ModelRuntime {
  /** Name of the engine, for metadata; where it is not the fastest there is, also why. */
  readonly engine: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** A classifier's classes in the order of its scores, where the model tells them. */
  readonly classes: readonly CellValue[] | null;
  readonly predicts: Predicts;
  /** Whether it takes whatever columns it is given, since nobody declared any. */
  readonly open: boolean;
  /** Roughly what it takes of memory. */
  readonly bytes: number;
  /** Whether a row costs less in company: then requests that wait run together. */
  readonly gathers: boolean;
  /** How each column moved each row's sums, where the model can tell. */
  explain?(batch: Batch): Promise<Explanation>;
  /** All outputs for all rows. Rejects with an Error when the model fails on this batch; the next batch is not affected. */
  run(batch: Batch): Promise<Columns>;
  /** Frees the model; what still runs is rejected. */
  close(): Promise<void>;
}
