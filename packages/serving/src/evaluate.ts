import { join } from 'node:path';
import { fault } from '@pawl/core';
import type { CellValue, LocalModel } from '@pawl/core';
import type { Tensor, TensorSpec } from './tensor/tensor.ts';
import { loadOnnx } from './runtime/onnx/onnx-runtime.ts';
import { toColumn, toCells } from './tensor/cells.ts';
import { checkRowModel } from './endpoint/signature.ts';

export interface Evaluation {
  /** The class decided, row by row. */
  readonly label: readonly boolean[];
  /** Probability of the positive class, row by row. */
  readonly score: readonly number[];
}

/** Rows a run: large enough that the call costs nothing, small enough that memory stays flat. */
const CHUNK = 1024;

function toLabel(cell: CellValue, output: string): boolean {
  if (typeof cell === 'number') return cell !== 0;
  if (typeof cell === 'boolean') return cell;
  throw fault('model_package_invalid', { problem: `output "${output}" holds texts; a label must be a number or a boolean.` });
}

function toScore(cell: CellValue, output: string): number {
  if (typeof cell === 'number') return cell;
  throw fault('model_package_invalid', { problem: `output "${output}" holds no number in some row, so it is no score.` });
}

/**
 * Answers of a model over a table in memory, in row order. The table has a column for every input of the graph, looked-up features included; null is NaN.
 * Throws `column_missing`, `model_file_invalid`, `model_package_invalid`; `tensor_invalid` for a value that its input cannot hold.
 */
export async function evaluateModel(
  model: LocalModel,
  columns: Readonly<Record<string, readonly CellValue[]>>,
  rows: number,
): Promise<Evaluation> {
  const { spec, folder } = model;
  const runtime = await loadOnnx({ path: join(folder, spec.onnx), name: spec.onnx });
  try {
    checkRowModel(spec, runtime);
    const label: boolean[] = [];
    const score: number[] = [];
    const read = (input: TensorSpec, from: number, until: number): Tensor => {
      const column = columns[input.name];
      if (column === undefined)
        throw fault('column_missing', { column: input.name, where: 'The evaluation table', columns: Object.keys(columns) });
      return toColumn(input, column, from, until);
    };
    for (let from = 0; from < rows; from += CHUNK) {
      const until = Math.min(rows, from + CHUNK);
      const batch = Object.fromEntries(runtime.inputs.map((input) => [input.name, read(input, from, until)]));
      const answer = await runtime.run({ rows: until - from, columns: batch });
      for (const cell of toCells(answer[spec.label])) label.push(toLabel(cell, spec.label));
      for (const cell of toCells(answer[spec.score])) score.push(toScore(cell, spec.score));
    }
    return { label, score };
  } finally {
    await runtime.close();
  }
}
