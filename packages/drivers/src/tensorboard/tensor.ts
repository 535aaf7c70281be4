import { readFields, toInt64, viewOf } from './protobuf.ts';

/** A tensor of a summary, as far as logs need it: its numbers, or its texts. */
export interface Tensor {
  readonly numbers: readonly number[];
  readonly texts: readonly Uint8Array[];
}

/** Types by their number in tensorflow/core/framework/types.proto: how wide one is, and how it is read. */
const TYPES: Readonly<Record<number, readonly [width: number, read: (view: DataView, at: number) => number]>> = {
  1: [4, (view, at) => view.getFloat32(at, true)],
  2: [8, (view, at) => view.getFloat64(at, true)],
  3: [4, (view, at) => view.getInt32(at, true)],
  4: [1, (view, at) => view.getUint8(at)],
  5: [2, (view, at) => view.getInt16(at, true)],
  6: [1, (view, at) => view.getInt8(at)],
  9: [8, (view, at) => Number(view.getBigInt64(at, true))],
  10: [1, (view, at) => view.getUint8(at)],
  14: [2, (view, at) => fromBits(view.getUint16(at, true) << 16)],
  17: [2, (view, at) => view.getUint16(at, true)],
  19: [2, (view, at) => toHalf(view.getUint16(at, true))],
  22: [4, (view, at) => view.getUint32(at, true)],
  23: [8, (view, at) => Number(view.getBigUint64(at, true))],
};

/** Fields that hold values of their own, packed or one by one: float, double, int, int64, bool, uint32 and uint64. */
const FIXED: Readonly<Record<number, number>> = { 5: 1, 6: 2 };
const VARINTS: ReadonlySet<number> = new Set([7, 10, 11, 16, 17]);

/** Throws RangeError for what is no tensor. */
export function readTensor(message: Uint8Array): Tensor {
  let type = 0;
  const numbers: number[] = [];
  const texts: Uint8Array[] = [];
  let content: Uint8Array | undefined;
  for (const { number, varint, bytes } of readFields(message)) {
    const fixed = FIXED[number];
    if (number === 1 && varint !== undefined) type = Number(varint);
    else if (number === 4 && bytes !== undefined) content = bytes;
    else if (number === 8 && bytes !== undefined) texts.push(bytes);
    else if (fixed !== undefined && bytes !== undefined) numbers.push(...readPacked(fixed, bytes));
    else if (number === 13) numbers.push(...varintsOf(varint, bytes).map((bits) => (type === 14 ? fromBits(bits << 16) : toHalf(bits))));
    else if (VARINTS.has(number)) numbers.push(...varintsOf(varint, bytes));
  }
  return { numbers: content === undefined ? numbers : readPacked(type, content), texts };
}

function readPacked(type: number, bytes: Uint8Array): readonly number[] {
  const [width, read] = TYPES[type] ?? [0, () => 0];
  if (width === 0) return [];
  const view = viewOf(bytes);
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, at) => read(view, at * width));
}

function varintsOf(varint: bigint | undefined, bytes: Uint8Array | undefined): readonly number[] {
  if (varint !== undefined) return [toInt64(varint)];
  if (bytes === undefined) return [];
  const found: number[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    found.push(toInt64(value));
    [value, shift] = [0n, 0n];
  }
  return found;
}

const scratch = new DataView(new ArrayBuffer(4));

function fromBits(bits: number): number {
  scratch.setInt32(0, bits);
  return scratch.getFloat32(0);
}

/** IEEE 754 binary16. */
function toHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
