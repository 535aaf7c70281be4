import type { ModelSchema, ModelSpec } from '@pawl/core';
import { fault } from '@pawl/core';
import type { TensorSpec } from '../tensor/tensor.ts';
import { isColumn } from './table.ts';

interface Graph {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

const invalid = (problem: string) => fault('model_package_invalid', { problem });

/** Proves that a model and what its package says of it fit each other, and that it works row by row. Throws `model_package_invalid`. */
export function checkRowModel(spec: ModelSpec, graph: Graph): void {
  const scalar = graph.inputs.find((input) => input.shape.length === 0);
  if (scalar !== undefined) throw invalid(`input "${scalar.name}" has no dimension for rows.`);
  for (const name of [spec.decision.label, spec.decision.score]) {
    const found = graph.outputs.map((candidate) => candidate.name).join(', ');
    if (name !== null && !graph.outputs.some((candidate) => candidate.name === name))
      throw invalid(`the model has no output "${name}", which MLmodel names; it has ${found}.`);
  }
  for (const { view, features } of spec.features) {
    for (const name of features) {
      const input = graph.inputs.find((candidate) => candidate.name === name || candidate.columns?.includes(name) === true);
      if (input === undefined) throw invalid(`feature "${name}" of view "${view}" is no input of the model.`);
      if ((input.datatype !== 'FP32' && input.datatype !== 'FP64') || (input.name === name && !isColumn(input))) {
        throw invalid(`input "${input.name}" takes a feature of view "${view}", so it must be FP32 or FP64 with one value a row.`);
      }
    }
  }
}

/** Names that boosters give columns that had none. */
const NAMELESS = /^(?:Column_|f)\d+$/;

/**
 * Gives an input of several values a row the names of its columns, in the order of training: those of the model itself, else those of the package's signature, when
 * it is the model's only input and the numbers agree.
 */
export function nameColumns(inputs: readonly TensorSpec[], schema: ModelSchema | null): readonly TensorSpec[] {
  const [input] = inputs;
  if (inputs.length !== 1 || input === undefined || input.shape.length !== 2) return inputs;
  if (input.columns !== undefined && !input.columns.every((name) => NAMELESS.test(name))) return inputs;
  const names = (schema?.inputs ?? []).flatMap((field) => (field.kind === 'column' && field.name !== null ? [field.name] : []));
  const [, width = -1] = input.shape;
  if (names.length === 0 || names.length !== schema?.inputs.length || (width !== -1 && width !== names.length)) return inputs;
  return [{ ...input, shape: [input.shape[0] ?? -1, names.length], columns: names }];
}

/** What a request sends: the model's inputs without those that are looked up, and the entity keys they are looked up by. */
export function toSignature(spec: ModelSpec, inputs: readonly TensorSpec[]): readonly TensorSpec[] {
  const lookedUp = new Set(spec.features.flatMap((feature) => feature.features));
  const sent = inputs.filter((input) => !lookedUp.has(input.name));
  const known = new Set(sent.map((input) => input.name));
  const keys = new Set(spec.features.map((feature) => feature.entity).filter((entity) => !known.has(entity)));
  return [...sent, ...Array.from(keys, (name): TensorSpec => ({ name, datatype: 'BYTES', shape: [-1] }))];
}
