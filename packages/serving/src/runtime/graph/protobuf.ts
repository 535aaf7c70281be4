/**
 * Reads the protobuf wire format (https://protobuf.dev/programming-guides/encoding/), as far as ONNX files need it: fields in any order, unknown ones
 * passed over. Nothing is copied: length-delimited fields are views of the file.
 */

/** A field as it stands in the file: a varint, eight or four little-endian bytes, or a length-delimited view. */
export interface Field {
  readonly number: number;
  readonly wire: 0 | 1 | 2 | 5;
  /** Of wire type 0: exact to 2^53, signed as int64 is. */
  readonly varint: number;
  /** Of wire types 1, 2 and 5. */
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const decoder = new TextDecoder('utf-8', { fatal: true });

export class ProtobufError extends Error {}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** A varint as int64 means it: ten bytes with the highest bit set are a negative number. Exact to 2^53. */
function readVarint(cursor: Cursor): number {
  let low = 0;
  let factor = 1;
  for (let index = 0; index < 10; index++) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) throw new ProtobufError('the file ends in the middle of a number');
    cursor.at += 1;
    if (index === 4 && byte >= 128) return readLongVarint(cursor, low + (byte & 127) * factor);
    low += (byte & 127) * factor;
    if (byte < 128) return low;
    factor *= 128;
  }
  throw new ProtobufError('a number is longer than ten bytes');
}

/** What follows the first 35 bits. */
function readLongVarint(cursor: Cursor, first: number): number {
  let value = BigInt(first);
  for (let shift = 35n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) throw new ProtobufError('the file ends in the middle of a number');
    cursor.at += 1;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return Number(BigInt.asIntN(64, value));
  }
  throw new ProtobufError('a number is longer than ten bytes');
}

function take(cursor: Cursor, length: number): Uint8Array {
  if (length < 0 || cursor.at + length > cursor.bytes.length) throw new ProtobufError('a field is longer than the file');
  const view = cursor.bytes.subarray(cursor.at, cursor.at + length);
  cursor.at += length;
  return view;
}

/** The fields of a message, in order. Throws `ProtobufError` for what is no protobuf. */
export function* readFields(bytes: Uint8Array): Generator<Field> {
  const cursor: Cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const tag = readVarint(cursor);
    const wire = tag & 7;
    const number = Math.floor(tag / 8);
    if (wire === 0) yield { number, wire, varint: readVarint(cursor), bytes: NOTHING };
    else if (wire === 1) yield { number, wire, varint: 0, bytes: take(cursor, 8) };
    else if (wire === 2) yield { number, wire, varint: 0, bytes: take(cursor, readVarint(cursor)) };
    else if (wire === 5) yield { number, wire, varint: 0, bytes: take(cursor, 4) };
    else throw new ProtobufError(`wire type ${wire} is not known`);
  }
}

export function toText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new ProtobufError('a text is not UTF-8');
  }
}

/** Numbers of a repeated varint field: packed or one by one. */
export function toVarints(field: Field): readonly number[] {
  if (field.wire === 0) return [field.varint];
  const cursor: Cursor = { bytes: field.bytes, at: 0 };
  const numbers: number[] = [];
  while (cursor.at < field.bytes.length) numbers.push(readVarint(cursor));
  return numbers;
}

/** Little-endian floats of a repeated field, packed or one by one. */
export function toFloats(field: Field): Float32Array {
  return new Float32Array(aligned(field.bytes, 4));
}

export function toDoubles(field: Field): Float64Array {
  return new Float64Array(aligned(field.bytes, 8));
}

/** A copy, since a view into a file may lie at any offset. */
export function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
  if (bytes.length % size !== 0) throw new ProtobufError(`${bytes.length} bytes are no whole number of ${size}-byte elements`);
  return new Uint8Array(bytes).buffer;
}
