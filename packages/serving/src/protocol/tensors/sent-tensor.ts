import { fault } from '@pawl/core';
import type { Datatype, NumericData, Tensor, TensorSpec } from '../../tensor/tensor.ts';
import { arrayOf, elementCount, isText } from '../../tensor/tensor.ts';
import { fromRaw, widen } from '../../tensor/raw.ts';
import { fillNumbers, integerRanges, kindOf } from '../../tensor/cells.ts';

/** A tensor of a request: its head is checked, its elements are not. */
export interface SentTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: Datatype;
  /** As in JSON, or its bytes (tensor/raw.ts). */
  readonly data: readonly unknown[] | Uint8Array;
}

/** Datatypes that a graph's datatype takes without losing anything, and FP64 → FP32 by rounding, since NumPy sends FP64 unasked. */
const accepted: Readonly<Record<Datatype, readonly Datatype[]>> = {
  BOOL: ['BOOL'],
  UINT8: ['UINT8'],
  UINT16: ['UINT16', 'UINT8'],
  UINT32: ['UINT32', 'UINT16', 'UINT8'],
  UINT64: ['UINT64', 'UINT32', 'UINT16', 'UINT8'],
  INT8: ['INT8'],
  INT16: ['INT16', 'INT8', 'UINT8'],
  INT32: ['INT32', 'INT16', 'INT8', 'UINT16', 'UINT8'],
  INT64: ['INT64', 'INT32', 'INT16', 'INT8', 'UINT32', 'UINT16', 'UINT8'],
  FP16: ['FP16'],
  BF16: ['BF16'],
  FP32: ['FP32', 'FP64', 'FP16', 'BF16', 'INT16', 'INT8', 'UINT16', 'UINT8'],
  FP64: ['FP64', 'FP32', 'FP16', 'BF16', 'INT32', 'INT16', 'INT8', 'UINT32', 'UINT16', 'UINT8'],
  BYTES: ['BYTES'],
};

const refuse = (tensor: string, expected: string, found: string) => fault('tensor_invalid', { tensor, expected, found });

const toShapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/**
 * The shape the graph wants for what was sent: the same rank and fixed sizes, or, for one value a row, [n] and [n, 1] alike.
 * Throws `tensor_invalid`.
 */
function fitShape(sent: SentTensor, spec: TensorSpec): readonly number[] {
  const [rows = 0, ...inner] = sent.shape;
  const [fixedRows = -1, ...wanted] = spec.shape;
  const rowsFit = sent.shape.length > 0 && (fixedRows === -1 || fixedRows === rows);
  const same = inner.length === wanted.length && wanted.every((size, axis) => size === -1 || size === inner[axis]);
  const column =
    inner.every((size) => size === 1) && wanted.every((size) => size === 1 || size === -1) && inner.length <= 1 && wanted.length <= 1;
  if (!rowsFit || !(same || column)) throw refuse(sent.name, `shape ${toShapeText(spec.shape)} (-1: any size)`, toShapeText(sent.shape));
  if (rows === 0) throw refuse(sent.name, 'at least one row', 'none');
  return same ? sent.shape : [rows, ...wanted.map(() => 1)];
}

/** Elements in row-major order, out of flat data or of data nested exactly as the shape says. Throws `tensor_invalid`. */
function flatten({ name, shape }: SentTensor, data: readonly unknown[], count: number): readonly unknown[] {
  if (!Array.isArray(data[0]) || shape.length === 1) {
    if (data.length !== count) throw refuse(name, `${count} elements for shape ${toShapeText(shape)}`, String(data.length));
    return data;
  }
  let level: readonly unknown[] = [data];
  for (const size of shape) {
    const next: unknown[] = [];
    for (const part of level) {
      if (!Array.isArray(part) || part.length !== size)
        throw refuse(name, `data flat or nested as shape ${toShapeText(shape)}`, 'other nesting');
      for (const item of part) next.push(item);
    }
    level = next;
  }
  return level;
}

function toFloat(value: unknown, single: boolean): number | undefined {
  if (value === null || value === 'NaN') return NaN;
  if (value === 'Infinity') return Infinity;
  if (value === '-Infinity') return -Infinity;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'number') return undefined;
  // A finite number must not become infinite by rounding.
  return single && Number.isFinite(value) && !Number.isFinite(Math.fround(value)) ? undefined : value;
}

function toInteger(value: unknown, range: readonly [bigint, bigint], wide: boolean): number | bigint | undefined {
  if (typeof value === 'number' ? !Number.isInteger(value) : typeof value !== 'bigint') return undefined;
  const whole = BigInt(value as number | bigint);
  if (whole < range[0] || whole > range[1]) return undefined;
  return wide ? whole : Number(whole);
}

/** Whether a tensor must be read again from the text, because JSON.parse may have rounded its whole numbers. */
export function needsExact(sent: SentTensor): boolean {
  const { datatype, data } = sent;
  if ((datatype !== 'INT64' && datatype !== 'UINT64') || data instanceof Uint8Array) return false;
  return data.flat(8).some((value) => typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value));
}

/**
 * Elements as the graph's datatype: the sent datatype decides which values are legal, the graph's which array holds them.
 * Order of checks: datatype, shape, count, values (inference-protocol order); the message never holds a value. Throws `tensor_invalid`.
 */
export function toTensor(sent: SentTensor, spec: TensorSpec): Tensor {
  const { name, datatype } = sent;
  if (!accepted[spec.datatype].includes(datatype)) throw refuse(name, `datatype ${spec.datatype}`, datatype);
  const shape = fitShape(sent, spec);
  const count = elementCount(shape);
  if (sent.data instanceof Uint8Array) {
    const raw = fromRaw(name, datatype, count, sent.data);
    if (isText(raw) || spec.datatype === 'BYTES') return { datatype: 'BYTES', shape, data: raw };
    return { datatype: spec.datatype, shape, data: widen(name, raw, datatype, spec.datatype) };
  }
  if (datatype === 'FP16' || datatype === 'BF16')
    throw refuse(name, 'FP32 or FP64, or its elements as binary data', `${datatype}, which has no JSON form`);
  const elements = flatten(sent, sent.data, count);
  const wrong = (index: number) => refuse(name, `${datatype} at element ${index}`, describeElement(elements[index], datatype));
  if (spec.datatype === 'BYTES') {
    const bad = elements.findIndex((value) => typeof value !== 'string');
    if (bad !== -1) throw wrong(bad);
    return { datatype: 'BYTES', shape, data: elements as readonly string[] };
  }
  const data: NumericData = new (arrayOf(spec.datatype))(elements.length);
  const range = integerRanges[datatype];
  const single = spec.datatype === 'FP32';
  const wide = spec.datatype === 'INT64' || spec.datatype === 'UINT64';
  const bad = fillNumbers(data, (index) => {
    const value = elements[index];
    if (range !== undefined) return toInteger(value, range, wide);
    if (datatype === 'BOOL') return typeof value === 'boolean' ? Number(value) : undefined;
    return toFloat(value, single);
  });
  if (bad !== undefined) throw wrong(bad);
  return { datatype: spec.datatype, shape, data };
}

function describeElement(value: unknown, datatype: Datatype): string {
  const outOfRange =
    (typeof value === 'number' && Number.isFinite(value) && (datatype === 'FP64' || datatype === 'FP32' || Number.isInteger(value))) ||
    typeof value === 'bigint';
  return outOfRange ? 'a number out of range' : kindOf(value);
}
