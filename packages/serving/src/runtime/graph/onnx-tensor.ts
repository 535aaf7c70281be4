import type { Kind, Value, ValueData } from './graph.ts';
import { UnsupportedError, countOf, numbersOf } from './graph.ts';
import { ProtobufError, aligned, readFields, toDoubles, toFloats, toText, toVarints } from './protobuf.ts';

/** Elements of a constant at most: larger ones are matrices of a neural net, which ONNX Runtime multiplies faster. */
const MOST_ELEMENTS = 1 << 24;

const kinds: Readonly<Record<number, Kind>> = { 1: 'FP32', 6: 'INT32', 7: 'INT64', 8: 'BYTES', 9: 'BOOL', 11: 'FP64' };

/** The evaluator's kind of an ONNX element type. Throws `UnsupportedError`. */
export function kindOfType(type: number, of: string): Kind {
  const kind = kinds[type];
  if (kind === undefined) throw new UnsupportedError(`${of} has elements of ONNX type ${type}`);
  return kind;
}

interface Parts {
  readonly numbers: number[];
  readonly texts: string[];
  raw: Uint8Array | undefined;
}

/** Little-endian raw data (TensorProto.raw_data). */
function fromRaw(kind: Kind, raw: Uint8Array): Iterable<number> {
  if (kind === 'FP32') return new Float32Array(aligned(raw, 4));
  if (kind === 'FP64') return new Float64Array(aligned(raw, 8));
  if (kind === 'INT32') return new Int32Array(aligned(raw, 4));
  if (kind === 'INT64') return Array.from(new BigInt64Array(aligned(raw, 8)), Number);
  return raw;
}

function toData(kind: Kind, { numbers, texts, raw }: Parts, count: number): ValueData {
  if (kind === 'BYTES') return texts;
  const data = numbersOf(kind, count);
  let index = 0;
  for (const value of raw === undefined ? numbers : fromRaw(kind, raw)) data[index++] = value;
  if (index !== count) throw new ProtobufError(`a tensor has ${index} elements and a shape of ${count}`);
  // The ends of the range mean "to the end" (Slice), and are no less so when they are rounded.
  if (kind.startsWith('INT') && !(data as Float64Array).every((value) => Number.isSafeInteger(value) || Math.abs(value) >= 2 ** 62))
    throw new UnsupportedError('a tensor holds integers beyond 2^53');
  return data;
}

/** Reads a TensorProto. */
export function toConstant(bytes: Uint8Array): { readonly name: string; readonly value: Value } {
  let name = '';
  let type = 0;
  const shape: number[] = [];
  const parts: Parts = { numbers: [], texts: [], raw: undefined };
  for (const field of readFields(bytes)) {
    if (field.number === 1) shape.push(...toVarints(field));
    else if (field.number === 2) type = field.varint;
    else if (field.number === 4) for (const value of toFloats(field)) parts.numbers.push(value);
    else if (field.number === 5 || field.number === 7) for (const value of toVarints(field)) parts.numbers.push(value);
    else if (field.number === 6) parts.texts.push(toText(field.bytes));
    else if (field.number === 8) name = toText(field.bytes);
    else if (field.number === 9) parts.raw = field.bytes;
    else if (field.number === 10) for (const value of toDoubles(field)) parts.numbers.push(value);
    else if (field.number === 13 || (field.number === 14 && field.varint !== 0))
      throw new UnsupportedError(`constant "${name}" lies in another file`);
  }
  const kind = kindOfType(type, `constant "${name}"`);
  const count = countOf(shape);
  if (!(count <= MOST_ELEMENTS)) throw new UnsupportedError(`constant "${name}" has ${count} elements`);
  return { name, value: { kind, shape, data: toData(kind, parts, count) } };
}
