import type { CellValue } from '@pawl/core';
import { fault } from '@pawl/core';
import type { Datatype, NumericData, Tensor, TensorSpec } from './tensor.ts';
import { arrayOf } from './tensor.ts';

/** Smallest and largest value of each integer datatype. */
export const integerRanges: Readonly<Partial<Record<Datatype, readonly [bigint, bigint]>>> = {
  UINT8: [0n, 0xffn],
  UINT16: [0n, 0xffffn],
  UINT32: [0n, 0xffff_ffffn],
  UINT64: [0n, 0xffff_ffff_ffff_ffffn],
  INT8: [-0x80n, 0x7fn],
  INT16: [-0x8000n, 0x7fffn],
  INT32: [-0x8000_0000n, 0x7fff_ffffn],
  INT64: [-0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
};

/** Half precision as a number (IEEE 754 binary16). */
export function fromHalf(word: number): number {
  const exponent = (word >> 10) & 31;
  const fraction = word & 1023;
  const sign = word & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 as a number: the upper half of an FP32. */
export function fromBfloat(word: number): number {
  bits[0] = word << 16;
  return single[0] as number;
}

const bits = new Uint32Array(1);
const single = new Float32Array(bits.buffer);

/** One element for people and records: 64-bit integers beyond 2^53 as text, NaN as null. */
export function toCell(tensor: Tensor, index: number): CellValue {
  const value = tensor.data[index];
  if (value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (tensor.datatype === 'BOOL') return value !== 0;
  const number = tensor.datatype === 'FP16' ? fromHalf(value) : tensor.datatype === 'BF16' ? fromBfloat(value) : value;
  return Number.isNaN(number) ? null : number;
}

/** How a value is named in a message: its kind, never itself. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number')
    return Number.isInteger(value) ? 'an integer' : Number.isFinite(value) ? 'a fraction' : 'a number that is not finite';
  if (Array.isArray(value)) return 'an array';
  return { string: 'a string', boolean: 'a boolean', bigint: 'an integer', object: 'an object' }[typeof value as 'string'] ?? 'nothing';
}

/** Elements that are one of the datatype, written into `data`; `read` gives element i, or undefined when its value does not fit. */
export function fillNumbers(data: NumericData, read: (index: number) => number | bigint | undefined): number | undefined {
  for (let index = 0; index < data.length; index++) {
    const value = read(index);
    if (value === undefined) return index;
    (data as Float64Array)[index] = value as number;
  }
  return undefined;
}

/** Cells of a table column, rows `from` to `until`, as the tensor of a graph's input that is one value a row. Throws `tensor_invalid`. */
export function toColumn(spec: TensorSpec, cells: readonly CellValue[], from: number, until: number): Tensor {
  const { name, datatype } = spec;
  const rows = until - from;
  const shape = spec.shape.length === 1 ? [rows] : [rows, ...spec.shape.slice(1)];
  const refuse = (index: number) =>
    fault('tensor_invalid', { tensor: name, expected: `${datatype} in row ${from + index}`, found: kindOf(cells[from + index]) });
  if (datatype === 'BYTES') {
    const data = cells.slice(from, until).map((cell, index) => {
      if (typeof cell !== 'string' && cell !== null) throw refuse(index);
      return cell ?? '';
    });
    const missing = cells.slice(from, until).map((cell) => cell === null);
    return { datatype, shape, data, ...(missing.includes(true) && { missing }) };
  }
  const data = new (arrayOf(datatype))(rows);
  const bad = fillNumbers(data, (index) => fromCell(datatype, cells[from + index]));
  if (bad !== undefined) throw refuse(bad);
  return { datatype, shape, data };
}

/** Cells of several columns as one tensor [rows, columns]. Throws `tensor_invalid`, which names the column. */
export function toMatrix(spec: TensorSpec, columns: readonly (readonly CellValue[])[], from: number, until: number): Tensor {
  const { datatype } = spec;
  const shape = [until - from, columns.length];
  const parts = columns.map((cells, at) => toColumn({ name: spec.columns?.[at] ?? spec.name, datatype, shape: [-1] }, cells, from, until));
  if (datatype === 'BYTES') {
    const data = Array.from({ length: shape[0] as number }, (_, row) => parts.map((part) => part.data[row] as string)).flat();
    return { datatype, shape, data };
  }
  const data = new (arrayOf(datatype))((until - from) * columns.length) as Float64Array;
  parts.forEach((part, at) => {
    for (let row = 0; row < until - from; row++) data[row * columns.length + at] = part.data[row] as number;
  });
  return { datatype, shape, data };
}

/** A cell as an element of a datatype; undefined: it is none. */
export function fromCell(datatype: Datatype, cell: CellValue | bigint | undefined): number | bigint | undefined {
  if (datatype === 'FP32' || datatype === 'FP64')
    return cell === null
      ? NaN
      : typeof cell === 'boolean'
        ? Number(cell)
        : typeof cell === 'number' || typeof cell === 'bigint'
          ? Number(cell)
          : undefined;
  if (datatype === 'BOOL') return typeof cell === 'boolean' ? Number(cell) : undefined;
  if (typeof cell === 'boolean') return fromCell(datatype, Number(cell));
  const range = integerRanges[datatype];
  if (range === undefined || (typeof cell === 'number' ? !Number.isInteger(cell) : typeof cell !== 'bigint')) return undefined;
  const whole = BigInt(cell as number | bigint);
  if (whole < range[0] || whole > range[1]) return undefined;
  return datatype === 'INT64' || datatype === 'UINT64' ? whole : Number(whole);
}
