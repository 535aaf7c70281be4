import { setImmediate as turn } from 'node:timers/promises';
import type { Batch, Columns, Tensor, TensorSpec } from '../../tensor/tensor.ts';
import type { ModelRuntime } from '../runtime.ts';
import type { Program } from './compile.ts';
import type { Value } from './graph.ts';
import { joinRows, sliceRows } from '../../tensor/tensor.ts';
import { WideIntegerError, toSpec, toTensor, toValue } from './values.ts';

/** Rows computed in one go: then it is looked whether others have waited long enough. */
const CHUNK_ROWS = 256;
/** Time that a batch may hold the thread; others' requests run between its parts. */
const TURN_MS = 4;

export interface GraphModel {
  readonly program: Program;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** Computes rows at once, in this thread. Throws an Error when the model fails on them. */
export function computeRows({ program, inputs, outputs }: GraphModel, columns: Columns): Columns {
  const values: Value[] = [];
  for (const input of inputs) {
    const tensor = columns[input.name];
    if (tensor === undefined) throw new Error(`input "${input.name}" is missing`);
    values.push(toValue(tensor));
  }
  const found = program.run(values);
  const answer: Record<string, Tensor> = {};
  for (let at = 0; at < outputs.length; at++) answer[(outputs[at] as TensorSpec).name] = toTensor(found[at] as Value);
  return answer;
}

/** A few rows in one go; many in parts, between which other requests have their turn. */
async function computeBatch(model: GraphModel, batch: Batch): Promise<Columns> {
  if (batch.rows <= CHUNK_ROWS) return computeRows(model, batch.columns);
  const parts: Columns[] = [];
  let since = performance.now();
  for (let from = 0; from < batch.rows; from += CHUNK_ROWS) {
    const until = Math.min(batch.rows, from + CHUNK_ROWS);
    const columns = Object.fromEntries(model.inputs.map(({ name }) => [name, sliceRows(batch.columns[name] as Tensor, from, until)]));
    parts.push(computeRows(model, columns));
    if (performance.now() - since > TURN_MS) {
      await turn();
      since = performance.now();
    }
  }
  return Object.fromEntries(model.outputs.map(({ name }) => [name, joinRows(parts.map((part) => part[name] as Tensor))]));
}

/**
 * A graph that this thread computes by itself. Batches with integers beyond 2^53 go to `exact`, which is loaded when the first of them comes.
 */
export function createGraphRuntime(model: GraphModel, exact: () => Promise<ModelRuntime>): ModelRuntime {
  let wide: Promise<ModelRuntime> | undefined;
  let closed = false;
  return {
    engine: 'pawl',
    inputs: model.inputs,
    outputs: model.outputs,
    gathers: false,
    run: async (batch) => {
      if (closed) throw new Error('the model is closed');
      try {
        return await computeBatch(model, batch);
      } catch (error) {
        if (!(error instanceof WideIntegerError)) throw error;
        wide ??= exact();
        return await (await wide).run(batch);
      }
    },
    close: async () => {
      closed = true;
      await (await wide)?.close();
    },
  };
}

/** Output specifications, where the graph leaves an output's shape open (ZipMap's), as a first answer shows it. */
export function toOutputs(program: Program, answer: readonly Value[]): readonly TensorSpec[] {
  return program.outputs.map((port, at) => {
    if (port.tensor !== undefined) return toSpec(port);
    const { kind, shape } = answer[at] as Value;
    return { name: port.name, datatype: kind, shape: [-1, ...shape.slice(1)] };
  });
}
