import type { ModelFeatures } from '@pawl/core';
import type { Columns, Tensor, TensorSpec } from '../tensor/tensor.ts';
import { arrayOf } from '../tensor/tensor.ts';

/** A model's inputs as requests and look-ups fill them, and the way back to what the model takes. */
export interface SplitInputs {
  readonly inputs: readonly TensorSpec[];
  join(columns: Columns, rows: number): Columns;
}

/** Where features are looked up for columns of a matrix, its columns are tensors of their own until the model runs. */
export function splitInputs(inputs: readonly TensorSpec[], features: readonly ModelFeatures[]): SplitInputs {
  const lookedUp = new Set(features.flatMap((view) => view.features));
  const parts = inputs.filter((input) => input.shape.length > 1 && input.columns?.some((name) => lookedUp.has(name)) === true);
  if (parts.length === 0) return { inputs, join: (columns) => columns };
  const split = (input: TensorSpec): readonly TensorSpec[] =>
    parts.includes(input) ? (input.columns ?? []).map((name) => ({ name, datatype: input.datatype, shape: [-1] })) : [input];
  return {
    inputs: inputs.flatMap(split),
    join: (columns, rows) => ({ ...columns, ...Object.fromEntries(parts.map((input) => [input.name, toMatrix(input, columns, rows)])) }),
  };
}

function toMatrix({ datatype, columns: names = [] }: TensorSpec, columns: Columns, rows: number): Tensor {
  const width = names.length;
  const data = new (arrayOf(datatype as 'FP32'))(rows * width) as Float32Array;
  names.forEach((name, at) => {
    const from = columns[name]?.data as Float32Array;
    for (let row = 0; row < rows; row++) data[row * width + at] = from[row] as number;
  });
  return { datatype, shape: [rows, width], data };
}
