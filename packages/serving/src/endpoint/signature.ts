import type { ModelSpec } from '@pawl/core';
import { fault } from '@pawl/core';
import type { TensorSpec } from '../tensor/tensor.ts';
import { elementCount } from '../tensor/tensor.ts';

interface Graph {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

const invalid = (problem: string) => fault('model_package_invalid', { problem });

/** Whether a tensor is one value a row: [rows] or [rows, 1]. */
function isColumn(spec: TensorSpec): boolean {
  return elementCount(spec.shape.slice(1)) === 1;
}

/** Proves that a graph and what its package says of it fit each other, and that it works row by row. Throws `model_package_invalid`. */
export function checkRowModel(spec: ModelSpec, graph: Graph): void {
  const scalar = graph.inputs.find((input) => input.shape.length === 0);
  if (scalar !== undefined) throw invalid(`input "${scalar.name}" has no dimension for rows.`);
  for (const name of [spec.label, spec.score]) {
    const output = graph.outputs.find((candidate) => candidate.name === name);
    const found = graph.outputs.map((candidate) => candidate.name).join(', ');
    if (output === undefined) throw invalid(`the model has no output "${name}"; it has ${found}.`);
    if (!isColumn(output)) throw invalid(`output "${name}" must be one value a row, and has shape [${output.shape.join(', ')}].`);
  }
  for (const { view, features } of spec.features) {
    for (const name of features) {
      const input = graph.inputs.find((candidate) => candidate.name === name);
      if (input === undefined) throw invalid(`feature "${name}" of view "${view}" is no input of the model.`);
      if ((input.datatype !== 'FP32' && input.datatype !== 'FP64') || !isColumn(input)) {
        throw invalid(`input "${name}" takes a feature of view "${view}", so it must be FP32 or FP64 with one value a row.`);
      }
    }
  }
}

/** What a request sends: the graph's inputs without those that are looked up, and the entity keys they are looked up by. */
export function toSignature(spec: ModelSpec, inputs: readonly TensorSpec[]): readonly TensorSpec[] {
  const lookedUp = new Set(spec.features.flatMap((feature) => feature.features));
  const sent = inputs.filter((input) => !lookedUp.has(input.name));
  const known = new Set(sent.map((input) => input.name));
  const keys = new Set(spec.features.map((feature) => feature.entity).filter((entity) => !known.has(entity)));
  return [...sent, ...Array.from(keys, (name): TensorSpec => ({ name, datatype: 'BYTES', shape: [-1] }))];
}
