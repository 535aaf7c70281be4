/** Operators of ai.onnx.ml that work column by column; where the text (`onnx/onnx:onnx/defs/traditionalml/defs.cc`) and ONNX Runtime differ, this follows ONNX Runtime. */
import type { Value } from '../graph.ts';
import type { Operator } from './operator.ts';
import { UnsupportedError, numbersOf } from '../graph.ts';
import { asRows, given, numbers, remembering, texts, toInts, unaryKernel } from './operator.ts';

/** A list of one value for all columns, or one for each. */
function perColumn(values: readonly number[], width: number, op: string): (column: number) => number {
  if (values.length === 1) {
    const [only = 0] = values;
    return () => only;
  }
  if (values.length !== width) throw new Error(`${op} has values for ${values.length} columns and meets ${width}`);
  return (column) => values[column] as number;
}

/** (x − offset) · scale, as float. */
const scaler: Operator = (node) => {
  const offset = node.floats('offset');
  const scale = node.floats('scale');
  if (offset === undefined || scale === undefined) throw new UnsupportedError('Scaler without offset or scale');
  return unaryKernel((value) => {
    const { rows, width } = asRows(value);
    const [offsetOf, scaleOf] = [perColumn(offset, width, 'Scaler'), perColumn(scale, width, 'Scaler')];
    const from = numbers(value);
    const data = new Float32Array(from.length);
    for (let row = 0, at = 0; row < rows; row++)
      for (let column = 0; column < width; column++, at++)
        data[at] = Math.fround((from[at] as number) - offsetOf(column)) * scaleOf(column);
    return { kind: 'FP32', shape: value.shape, data };
  });
};

type Norm = (data: ArrayLike<number>, from: number, width: number) => number;

const norms: Readonly<Record<string, Norm>> = {
  // Without abs: a negative maximum turns the signs.
  MAX: (data, from, width) => {
    let most = -Infinity;
    for (let at = from; at < from + width; at++) most = Math.max(most, data[at] as number);
    return most;
  },
  L1: (data, from, width) => {
    let total = 0;
    for (let at = from; at < from + width; at++) total += Math.abs(data[at] as number);
    return total;
  },
  L2: (data, from, width) => {
    let total = 0;
    for (let at = from; at < from + width; at++) total += (data[at] as number) ** 2;
    return Math.sqrt(total);
  },
};

const normalizer: Operator = (node) => {
  const norm = norms[node.string('norm', 'MAX')];
  if (norm === undefined) throw new UnsupportedError('Normalizer of an unknown norm');
  return unaryKernel((value) => {
    const { rows, width } = asRows(value);
    const from = numbers(value);
    const data = new Float32Array(from.length);
    for (let row = 0; row < rows; row++) {
      const start = row * width;
      const size = norm(from, start, width);
      for (let at = start; at < start + width; at++) data[at] = size === 0 ? (from[at] as number) : (from[at] as number) / size;
    }
    return { kind: 'FP32', shape: value.shape, data };
  });
};

const imputer: Operator = (node) => {
  const floats = node.floats('imputed_value_floats');
  const integers = node.ints('imputed_value_int64s');
  const imputed = floats ?? integers;
  if (imputed === undefined || imputed.length === 0) throw new UnsupportedError('Imputer without values');
  const replaced = floats === undefined ? node.int('replaced_value_int64', 0) : node.float('replaced_value_float', 0);
  const isReplaced = Number.isNaN(replaced) ? (x: number): boolean => x !== x : (x: number): boolean => x === replaced;
  return {
    ...unaryKernel((value) => {
      const { rows, width } = asRows(value);
      const imputedOf = perColumn(imputed, width, 'Imputer');
      if (value.kind === 'BYTES') throw new UnsupportedError('Imputer of texts');
      const from = numbers(value);
      const data = numbersOf(value.kind, from.length);
      for (let row = 0, at = 0; row < rows; row++)
        for (let column = 0; column < width; column++, at++)
          data[at] = isReplaced(from[at] as number) ? imputedOf(column) : (from[at] as number);
      return { kind: value.kind, shape: value.shape, data };
    }),
    probes: { of: 'all', values: [replaced] },
  };
};

const binarizer: Operator = (node) => {
  const threshold = node.float('threshold', 0);
  return {
    ...unaryKernel((value) => {
      if (value.kind === 'BYTES') throw new UnsupportedError('Binarizer of texts');
      const from = numbers(value);
      const data = numbersOf(value.kind, from.length);
      for (let at = 0; at < from.length; at++) data[at] = (from[at] as number) > threshold ? 1 : 0;
      return { kind: value.kind, shape: value.shape, data };
    }),
    probes: { of: 'all', values: [threshold] },
  };
};

/** Columns one after another, as float. */
const featureVectorizer: Operator = () => ({
  run: (inputs) => {
    const values = inputs.map((value, index) => given(value, index));
    const rows = Math.max(...values.map((value) => asRows(value).rows));
    const widths = values.map((value) => asRows(value).width);
    const width = widths.reduce((sum, one) => sum + one, 0);
    const data = new Float32Array(rows * width);
    let start = 0;
    values.forEach((value, part) => {
      const size = widths[part] as number;
      const from = numbers(value);
      for (let row = 0; row < rows; row++)
        for (let at = 0; at < size; at++) data[row * width + start + at] = from[row * size + at] as number;
      start += size;
    });
    return [{ kind: 'FP32', shape: [rows, width], data } satisfies Value];
  },
});

/** Columns by number, along the last axis; a single dimension gives [1, k]. */
const arrayFeatureExtractor: Operator = () => {
  const toColumns = remembering(toInts);
  return { run: ([input, wanted]) => [extract(given(input, 0), toColumns(given(wanted, 1)))] };
};

function extract(value: Value, columns: readonly number[]): Value {
  const { rows, width } = asRows(value);
  for (const column of columns)
    if (column < 0 || column >= width) throw new Error('ArrayFeatureExtractor asks for a column that is not there');
  const shape = value.shape.length === 1 ? [1, columns.length] : value.shape.with(-1, columns.length);
  const { kind } = value;
  if (kind === 'BYTES') {
    const from = texts(value);
    const data: string[] = [];
    for (let row = 0; row < rows; row++) for (const column of columns) data.push(from[row * width + column] as string);
    return { kind, shape, data };
  }
  const from = numbers(value);
  const data = numbersOf(kind, rows * columns.length);
  for (let row = 0, at = 0; row < rows; row++) for (const column of columns) data[at++] = from[row * width + column] as number;
  return { kind, shape, data };
}

export const columns: Readonly<Record<string, Operator>> = {
  Scaler: scaler,
  Normalizer: normalizer,
  Imputer: imputer,
  Binarizer: binarizer,
  FeatureVectorizer: featureVectorizer,
  ArrayFeatureExtractor: arrayFeatureExtractor,
};
