/** Rows made to try a model on: around every border that its operators have, with every category that they know. */
import type { Columns, Tensor, TensorSpec } from '../../tensor/tensor.ts';
import type { Probes } from './operators/operator.ts';
import { arrayOf, elementCount } from '../../tensor/tensor.ts';

/** Where nothing of a model is known: columns are scaled more often than not, and large numbers only show how sums of floats are rounded. */
const USUAL = [0, 1, -1, 0.5, 2, -1.7, 3, 0.25, -0.6, 8, 0.001];
const UNKNOWN_TEXT = 'no such category';

/** A linear congruential generator (Numerical Recipes' constants): the same rows for the same model, always. */
function createPick(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A number's neighbours in single precision: where a border that was rounded wrongly shows. */
function neighbours(value: number): readonly number[] {
  const near = new Float32Array([value, value, value]);
  const bits = new Int32Array(near.buffer);
  bits[1] = (bits[1] as number) + 1;
  bits[2] = (bits[2] as number) - 1;
  return Array.from(near).filter(Number.isFinite);
}

const isNumber = (value: number | string): value is number => typeof value === 'number';

/** Numbers to choose from for a column of an input. */
function numbersFor(probes: Probes | undefined, column: number): readonly number[] {
  if (probes === undefined) return USUAL;
  const known = probes.of === 'columns' ? (probes.values.get(column) ?? []) : probes.values.filter(isNumber);
  return known.length === 0
    ? USUAL
    : [...known.flatMap((value) => (Number.isNaN(value) ? [NaN] : neighbours(value))), ...USUAL.slice(0, 4)];
}

export interface ProbeOptions {
  readonly rows: number;
  readonly seed: number;
  /** Whether categories that no operator knows are among them. */
  readonly unknown: boolean;
  /** One number in so many is missing; 0: none. */
  readonly missingOf: number;
}

/** Rows for every input of a model. */
export function probeRows(inputs: readonly TensorSpec[], probes: ReadonlyMap<string, Probes>, options: ProbeOptions): Columns {
  const pick = createPick(options.seed);
  return Object.fromEntries(inputs.map((input) => [input.name, probeTensor(input, probes.get(input.name), options, pick)]));
}

function probeTensor(input: TensorSpec, probes: Probes | undefined, options: ProbeOptions, pick: (below: number) => number): Tensor {
  const shape = input.shape.map((size, axis) => (axis === 0 ? options.rows : size === -1 ? 1 : size));
  const count = elementCount(shape);
  const width = shape.at(-1) ?? 1;
  const { datatype } = input;
  if (datatype === 'BYTES') {
    const known = probes?.of === 'all' ? probes.values.filter((value) => !isNumber(value)) : [];
    const texts = options.unknown || known.length === 0 ? [...known, UNKNOWN_TEXT] : known;
    return { datatype, shape, data: Array.from({ length: count }, () => texts[pick(texts.length)] as string) };
  }
  const choices = Array.from({ length: shape.length > 1 ? width : 1 }, (_, column) => numbersFor(probes, column));
  const data = new (arrayOf(datatype))(count) as Float64Array;
  const isWide = datatype === 'INT64' || datatype === 'UINT64';
  const isFloat = datatype === 'FP32' || datatype === 'FP64';
  for (let at = 0; at < count; at++) {
    const column = choices[at % choices.length] as readonly number[];
    const missing = isFloat && options.missingOf > 0 && pick(options.missingOf) === 0;
    const chosen = missing ? NaN : (column[pick(column.length)] as number);
    const value = datatype === 'BOOL' ? Number(chosen > 0.5) : isFloat ? chosen : Math.trunc(Number.isNaN(chosen) ? 0 : chosen);
    data[at] = (isWide ? BigInt(value) : value) as number;
  }
  return { datatype, shape, data };
}
