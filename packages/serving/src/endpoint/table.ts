import type { CellValue } from '@pawl/core';
import { fault } from '@pawl/core';
import type { Columns, Tensor, TensorSpec } from '../tensor/tensor.ts';
import { elementCount } from '../tensor/tensor.ts';
import { toColumn, toMatrix } from '../tensor/cells.ts';

export type Table = Readonly<Record<string, readonly CellValue[]>>;

/** Whether a tensor is one value a row: [rows] or [rows, 1]. */
export function isColumn(spec: TensorSpec): boolean {
  return elementCount(spec.shape.slice(1)) === 1;
}

/**
 * The tensors of a model's inputs out of a table, rows `from` to `until`. An input of several numbers a row takes its columns in the order of training.
 * Throws `column_missing`; `tensor_invalid` for a value that an input cannot hold; `request_invalid` where nobody knows which columns make a row.
 */
export function fromTable(inputs: readonly TensorSpec[], table: Table, from: number, until: number, where: string): Columns {
  const read = (name: string): readonly CellValue[] => {
    const column = table[name];
    if (column === undefined) throw fault('column_missing', { column: name, where, columns: Object.keys(table) });
    return column;
  };
  const toTensor = (input: TensorSpec): Tensor => {
    if (isColumn(input)) return toColumn(input, table[input.name] ?? read(input.columns?.[0] ?? input.name), from, until);
    if (input.columns === undefined)
      throw fault('request_invalid', {
        problem: `Input "${input.name}" takes ${input.shape.slice(1).join(' × ')} values a row, and the model does not name its columns; log it with a signature, or send the tensor.`,
      });
    return toMatrix(input, input.columns.map(read), from, until);
  };
  return Object.fromEntries(inputs.map((input) => [input.name, toTensor(input)]));
}
