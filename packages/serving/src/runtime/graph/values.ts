/** Tensors of the data plane as values of the evaluator, and back. */
import type { Datatype, Tensor, TensorSpec } from '../../tensor/tensor.ts';
import type { GraphPort, Kind, Value } from './graph.ts';
import { UnsupportedError, isTexts } from './graph.ts';

export function toSpec({ name, tensor }: GraphPort): TensorSpec {
  if (tensor === undefined) throw new UnsupportedError(`"${name}" is not a tensor`);
  return { name, datatype: tensor.kind, shape: tensor.shape };
}

/** An integer that a double does not hold: whoever computes with 64 bits must answer. */
export class WideIntegerError extends Error {}

/** The memory is shared where the two hold numbers alike. Throws `WideIntegerError`. */
export function toValue(tensor: Tensor): Value {
  const { shape, data } = tensor;
  const kind = tensor.datatype as Kind;
  if (Array.isArray(data) || data instanceof Float32Array || data instanceof Float64Array || data instanceof Uint8Array)
    return { kind, shape, data: data as Value['data'] };
  const numbers = new Float64Array(data.length);
  for (let index = 0; index < data.length; index++) {
    const number = Number(data[index]);
    if (!Number.isSafeInteger(number)) throw new WideIntegerError('an integer beyond 2^53');
    numbers[index] = number;
  }
  return { kind, shape, data: numbers };
}

export function toTensor({ kind, shape, data }: Value): Tensor {
  const datatype: Datatype = kind;
  if (isTexts(data)) return { datatype, shape, data };
  if (kind === 'INT64') {
    const wide = new BigInt64Array(data.length);
    for (let index = 0; index < data.length; index++) wide[index] = BigInt(data[index] as number);
    return { datatype, shape, data: wide };
  }
  return { datatype, shape, data: kind === 'INT32' ? Int32Array.from(data) : data };
}
