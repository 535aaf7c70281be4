/**
 * Tensors as bytes: little-endian, row-major, without padding; a text is its length (unsigned, four bytes) and its UTF-8. So the binary tensor extension has
 * them (`triton-inference-server/server:docs/protocol/extension_binary_data.md`), and gRPC's raw contents.
 */
import { isUtf8 } from 'node:buffer';
import { fault } from '@pawl/core';
import type { Datatype, NumericData, Tensor, TensorData } from './tensor.ts';
import { arrayOf, isText } from './tensor.ts';
import { fromBfloat, fromHalf } from './cells.ts';

const LENGTH_BYTES = 4;

const refuse = (tensor: string, expected: string, found: string) => fault('tensor_invalid', { tensor, expected, found });

/** `count` elements of `datatype` out of exactly their bytes; the result shares no memory with them. Throws `tensor_invalid`. */
export function fromRaw(name: string, datatype: Datatype, count: number, bytes: Uint8Array): TensorData {
  if (datatype === 'BYTES') return readTexts(name, count, bytes);
  const array = arrayOf(datatype);
  const expected = count * array.BYTES_PER_ELEMENT;
  if (bytes.length !== expected) throw refuse(name, `${expected} bytes for ${count} elements of ${datatype}`, `${bytes.length}`);
  if (datatype === 'BOOL') {
    const bad = bytes.findIndex((byte) => byte > 1);
    if (bad !== -1) throw refuse(name, `0 or 1 as BOOL at element ${bad}`, 'another byte');
  }
  const data = new array(count);
  new Uint8Array(data.buffer).set(bytes);
  return data;
}

function readTexts(name: string, count: number, bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let at = 0;
  while (at < buffer.length) {
    const start = at + LENGTH_BYTES;
    if (start > buffer.length) throw refuse(name, `a length in four bytes before element ${texts.length}`, 'the end of its bytes');
    const end = start + buffer.readUInt32LE(at);
    if (end > buffer.length) throw refuse(name, `as many bytes as the length of element ${texts.length} says`, 'the end of its bytes');
    if (texts.length === count) throw refuse(name, `${count} elements`, 'more');
    const text = buffer.subarray(start, end);
    if (!isUtf8(text)) throw refuse(name, `UTF-8 text at element ${texts.length}`, 'other bytes');
    texts.push(text.toString('utf8'));
    at = end;
  }
  if (texts.length !== count) throw refuse(name, `${count} elements`, `${texts.length}`);
  return texts;
}

/** The bytes of a tensor. They may be its own memory. */
export function toRaw({ data }: Tensor): Uint8Array {
  return isText(data) ? writeTexts(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function writeTexts(texts: readonly string[]): Uint8Array {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const buffer = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  texts.forEach((text, index) => {
    at = buffer.writeUInt32LE(lengths[index] ?? 0, at);
    at += buffer.write(text, at, 'utf8');
  });
  return buffer;
}

/** Elements of one datatype as those of another that loses nothing, or FP64 → FP32 by rounding. Throws `tensor_invalid` where that would make infinity. */
export function widen(name: string, data: NumericData, from: Datatype, to: Exclude<Datatype, 'BYTES'>): NumericData {
  if (from === to) return data;
  const target = new (arrayOf(to))(data.length);
  if (from === 'FP16' || from === 'BF16') {
    const read = from === 'FP16' ? fromHalf : fromBfloat;
    for (let index = 0; index < data.length; index++) (target as Float64Array)[index] = read(data[index] as number);
  } else if (target instanceof BigInt64Array || target instanceof BigUint64Array) {
    for (let index = 0; index < data.length; index++) target[index] = BigInt(data[index] as number);
  } else {
    (target as Float64Array).set(data as Float64Array);
    if (from === 'FP64') {
      const bad = target.findIndex((value, index) => !Number.isFinite(value) && Number.isFinite(data[index]));
      if (bad !== -1) throw refuse(name, `${from} at element ${bad} that ${to} can hold`, 'a number out of range');
    }
  }
  return target;
}
