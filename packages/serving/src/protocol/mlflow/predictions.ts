import type { ExplainAnswer, InferAnswer, NamedTensor } from '../../endpoint/endpoint.ts';
import { toNested } from '../json-values.ts';

/** A row a record: `{output: value}`; an output of one number a row is that number. */
function toRecords(outputs: readonly NamedTensor[]): readonly unknown[] {
  const columns = outputs.map((output) => {
    const rows = toNested(output);
    const isOne = output.tensor.shape.slice(1).every((size) => size === 1);
    return [output.name, isOne ? rows.map((row) => (Array.isArray(row) ? (row as unknown[]).flat(8)[0] : row)) : rows] as const;
  });
  const count = columns[0]?.[1].length ?? 0;
  return Array.from({ length: count }, (_, row) => Object.fromEntries(columns.map(([name, rows]) => [name, rows[row]])));
}

/**
 * What MLflow's `predict` gives of an answer: the array of a booster or of scikit-learn, or all outputs by name; those by row for a request that was a table, since a table comes
 * back for one.
 */
export function toPredictions({ model, outputs }: InferAnswer, wasTable: boolean): unknown {
  const { predicts } = model;
  const [only] = outputs;
  if (predicts.form === 'array' && outputs.length === 1 && only !== undefined) return toNested(only);
  if (predicts.form === 'records' || (predicts.form === 'as-sent' && wasTable)) return toRecords(outputs);
  return Object.fromEntries(outputs.map((output) => [output.name, toNested(output)]));
}

/** TensorFlow Serving's row form: values where there is one output, else objects. */
export function toInstances(outputs: readonly NamedTensor[]): readonly unknown[] {
  const [only] = outputs;
  return outputs.length === 1 && only !== undefined ? toNested(only) : toRecords(outputs);
}

/** TensorFlow Serving's column form. */
export function toColumns(outputs: readonly NamedTensor[]): unknown {
  const [only] = outputs;
  return outputs.length === 1 && only !== undefined
    ? toNested(only)
    : Object.fromEntries(outputs.map((output) => [output.name, toNested(output)]));
}

interface Explained {
  /** What is expected of a row that nothing is known of. */
  readonly base: number;
  /** How much each column moved the row from there. */
  readonly contributions: Readonly<Record<string, number>>;
}

/** Contributions by row: of one sum, or of each class or target by its name. */
export function toExplanations({ rows, columns, targets, contributions, model }: ExplainAnswer): readonly unknown[] {
  const width = columns.length + 1;
  const one = (row: number, target: number): Explained => {
    const from = (row * targets + target) * width;
    return {
      base: contributions[from + width - 1] as number,
      contributions: Object.fromEntries(columns.map((name, at) => [name, contributions[from + at] as number])),
    };
  };
  const names = Array.from({ length: targets }, (_, target) => String(targets === model.classes?.length ? model.classes[target] : target));
  return Array.from({ length: rows }, (_, row) =>
    targets === 1 ? one(row, 0) : Object.fromEntries(names.map((name, target) => [name, one(row, target)])),
  );
}
