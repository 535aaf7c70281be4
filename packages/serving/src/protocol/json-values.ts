/** Tensors as JSON: what numbers JSON has no form for become, in every protocol. */
import { fault } from '@pawl/core';
import type { NamedTensor } from '../endpoint/endpoint.ts';
import { isText } from '../tensor/tensor.ts';

/** JSON.rawJSON (ES2025 proposal, in V8 since 11.4) is not in the library types yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** NaN is written as null and infinities as strings, which NumPy turns back: JSON has neither. */
function toJsonNumber(value: number): unknown {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? null : String(value);
}

/** A tensor's elements in row-major order. Throws `extension_unsupported` for a datatype that JSON cannot carry. */
export function toJsonData({ name, tensor }: NamedTensor): readonly unknown[] {
  const { data, datatype, missing } = tensor;
  if (datatype === 'FP16' || datatype === 'BF16')
    throw fault('request_invalid', {
      problem: `Output "${name}" is of datatype ${datatype}, which has no JSON form: ask for binary data.`,
    });
  if (isText(data)) return missing === undefined ? data : data.map((text, at) => (missing[at] === true ? null : text));
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, (value) => value !== 0);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Array.from(data, (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : rawJSON(value.toString())));
  }
  return Array.from(data as Float64Array, toJsonNumber);
}

/** A tensor as nested arrays, as NumPy's `tolist` gives them. */
export function toNested(named: NamedTensor): readonly unknown[] {
  let level = toJsonData(named);
  const { shape } = named.tensor;
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const size = shape[axis] as number;
    const count = level.length / Math.max(1, size);
    level = Array.from({ length: size === 0 ? (shape[axis - 1] as number) : count }, (_, at) => level.slice(at * size, (at + 1) * size));
  }
  return level;
}
