import type { FeatureVector, ModelFeatures, OnlineFeatures } from '@pawl/core';
import { fault } from '@pawl/core';
import type { Batch, Columns, Tensor, TensorSpec } from '../tensor/tensor.ts';
import { arrayOf, isText } from '../tensor/tensor.ts';

function toFeatureColumn(spec: TensorSpec, vectors: readonly FeatureVector[]): Tensor {
  const datatype = spec.datatype === 'FP64' ? 'FP64' : 'FP32';
  const data = new (arrayOf(datatype))(vectors.length);
  // A feature that nobody has for this key is missing, which trees and imputers know as NaN.
  vectors.forEach((vector, row) => (data[row] = vector[spec.name] ?? NaN));
  return { datatype, shape: spec.shape.length === 1 ? [vectors.length] : [vectors.length, ...spec.shape.slice(1)], data };
}

/**
 * The columns of a request plus those looked up by entity key at `at` (epoch ms); `inputs` are the graph's. Each distinct key is looked up once a view.
 * Throws `features_unavailable`.
 */
export async function addFeatures(
  wanted: readonly ModelFeatures[],
  inputs: readonly TensorSpec[],
  batch: Batch,
  features: OnlineFeatures,
  at: number,
): Promise<Columns> {
  const lookups = wanted.map(async ({ view, entity, features: names }) => {
    const keys = batch.columns[entity]?.data;
    if (keys === undefined || !isText(keys)) throw fault('tensor_invalid', { tensor: entity, expected: 'BYTES', found: 'numbers' });
    const distinct = [...new Set(keys)];
    let vectors: readonly FeatureVector[];
    try {
      vectors = await features.lookup(view, distinct, at);
    } catch (error) {
      throw fault('features_unavailable', { view }, error);
    }
    const byKey = new Map(distinct.map((key, index) => [key, vectors[index] ?? {}]));
    const rows = keys.map((key) => byKey.get(key) ?? {});
    return inputs.filter((input) => names.includes(input.name)).map((input) => [input.name, toFeatureColumn(input, rows)] as const);
  });
  const added = await Promise.all(lookups);
  return { ...batch.columns, ...Object.fromEntries(added.flat()) };
}
