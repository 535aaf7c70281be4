import { setImmediate as turn } from 'node:timers/promises';
import type { Batch, Columns, Tensor, TensorSpec } from '../tensor/tensor.ts';
import { joinRows, sliceRows } from '../tensor/tensor.ts';

/** Rows computed in one go: then it is looked whether others have waited long enough. */
const CHUNK_ROWS = 256;
/** Time that a batch may hold the thread; others' requests run between its parts. */
const TURN_MS = 4;

export interface RowModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Computes rows at once, in this thread. */
  compute(batch: Batch): Columns;
}

/** Computes a few rows in one go; many in parts, between which other requests have their turn. */
export async function computeInParts({ inputs, outputs, compute }: RowModel, batch: Batch): Promise<Columns> {
  if (batch.rows <= CHUNK_ROWS) return compute(batch);
  const parts: Columns[] = [];
  let since = performance.now();
  for (let from = 0; from < batch.rows; from += CHUNK_ROWS) {
    const until = Math.min(batch.rows, from + CHUNK_ROWS);
    const columns = Object.fromEntries(
      inputs.map(({ name }) => {
        const tensor = batch.columns[name];
        if (tensor === undefined) throw new Error(`input "${name}" is missing`);
        return [name, sliceRows(tensor, from, until)];
      }),
    );
    parts.push(compute({ rows: until - from, columns }));
    if (performance.now() - since > TURN_MS) {
      await turn();
      since = performance.now();
    }
  }
  return Object.fromEntries(outputs.map(({ name }) => [name, joinRows(parts.map((part) => part[name] as Tensor))]));
}
