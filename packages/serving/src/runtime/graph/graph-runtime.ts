import type { Columns, Tensor, TensorSpec } from '../../tensor/tensor.ts';
import type { ModelRuntime } from '../runtime.ts';
import type { Program } from './compile.ts';
import type { RowModel } from '../in-parts.ts';
import type { Value } from './graph.ts';
import { computeInParts } from '../in-parts.ts';
import { WideIntegerError, toSpec, toTensor, toValue } from './values.ts';

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

/**
 * A graph that this thread computes by itself. Batches with integers beyond 2^53 go to `exact`, which is loaded when the first of them comes.
 */
export function createGraphRuntime(
  model: GraphModel & Pick<ModelRuntime, 'bytes' | 'classes'>,
  exact: () => Promise<ModelRuntime>,
): ModelRuntime {
  const { inputs, outputs } = model;
  const parts: RowModel = { inputs, outputs, compute: ({ columns }) => computeRows(model, columns) };
  let wide: Promise<ModelRuntime> | undefined;
  let closed = false;
  return {
    engine: 'pawl',
    inputs,
    outputs,
    classes: model.classes,
    bytes: model.bytes,
    predicts: { form: 'as-sent', outputs: [] },
    open: false,
    gathers: false,
    run: async (batch) => {
      if (closed) throw new Error('the model is closed');
      try {
        return await computeInParts(parts, batch);
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
