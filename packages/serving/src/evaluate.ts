import { fault } from '@pawl/core';
import type { CellValue, LocalModel } from '@pawl/core';
import type { Tensor, TensorSpec } from './tensor/tensor.ts';
import { openModel } from './runtime/open-model.ts';
import { toColumn, toCells } from './tensor/cells.ts';

export interface Evaluation {
  /** The class decided, row by row. */
  readonly label: readonly boolean[];
  /** Probability of the positive class, row by row. */
  readonly score: readonly number[];
}

/** Rows a run: large enough that the call costs nothing, small enough that memory stays flat. */
const CHUNK = 1024;

const invalid = (problem: string) => fault('model_package_invalid', { problem });

function toLabel(cell: CellValue, output: string): boolean {
  if (typeof cell === 'number') return cell !== 0;
  if (typeof cell === 'boolean') return cell;
  throw invalid(`output "${output}" holds texts; a label must be a number or a boolean.`);
}

function toScore(cell: CellValue, output: string): number {
  if (typeof cell === 'number') return cell;
  throw invalid(`output "${output}" holds no number in some row, so it is no score.`);
}

/**
 * Answers of a model over a table in memory, in row order; with no rows it only proves that the package can be served.
 * The table has a column for every input of the graph, looked-up features included; null is NaN.
 * Throws `column_missing`, `model_file_invalid`, `model_package_invalid`; `tensor_invalid` for a value that its input cannot hold.
 */
export async function evaluateModel(
  model: LocalModel,
  columns: Readonly<Record<string, readonly CellValue[]>>,
  rows: number,
): Promise<Evaluation> {
  const { spec } = model;
  const runtime = await openModel(model);
  try {
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
    if (label.length !== rows || score.length !== rows)
      throw invalid(`it gave ${label.length} labels and ${score.length} scores for ${rows} rows.`);
    return { label, score };
  } finally {
    await runtime.close();
  }
}
