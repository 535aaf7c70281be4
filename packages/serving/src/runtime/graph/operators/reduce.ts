import type { Value } from '../graph.ts';
import type { Kernel, NodeView, Operator } from './operator.ts';
import { UnsupportedError, countOf, numbersOf } from '../graph.ts';
import { around, given, numbers, remembering, toAxis, toInts } from './operator.ts';

/** One number out of `size` numbers that lie together. */
type Fold = (data: ArrayLike<number>, from: number, size: number) => number;

function folding(start: number, step: (so: number, x: number) => number): Fold {
  return (data, from, size) => {
    let so = start;
    for (let at = from; at < from + size; at++) so = step(so, data[at] as number);
    return so;
  };
}

const sum = folding(0, (so, x) => so + x);
const sumOfSquares = folding(0, (so, x) => so + x * x);
const largest = folding(-Infinity, Math.max);

/** log Σ e^x without overflow. */
const logSumExp: Fold = (data, from, size) => {
  const most = largest(data, from, size);
  if (!Number.isFinite(most)) return most;
  let total = 0;
  for (let at = from; at < from + size; at++) total += Math.exp((data[at] as number) - most);
  return most + Math.log(total);
};

/** A shape, as far as some of its axes are folded. */
interface Folding {
  readonly shape: readonly number[];
  readonly groups: number;
  readonly size: number;
  /** Element of each member of each group, [groups, size]; undefined: they lie in that order. */
  readonly order: Int32Array | undefined;
}

function toFolding(shape: readonly number[], axes: readonly number[], keep: boolean): Folding {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const sizes = (of: readonly number[]): readonly number[] => of.map((axis) => shape[axis] as number);
  const groups = countOf(sizes(kept));
  const size = countOf(sizes(axes));
  const isTail = axes.every((axis, at) => axis === kept.length + at);
  return {
    shape: keep ? shape.map((length, axis) => (axes.includes(axis) ? 1 : length)) : sizes(kept),
    groups,
    size,
    order: isTail ? undefined : toOrder(shape, [...kept, ...axes]),
  };
}

/** The elements of a tensor in the order that they have when its axes are in this one. */
function toOrder(shape: readonly number[], axes: readonly number[]): Int32Array {
  const strides = shape.map((_, axis) => countOf(shape.slice(axis + 1)));
  return Int32Array.from({ length: countOf(shape) }, (_, position) => {
    let rest = position;
    let at = 0;
    for (let index = axes.length - 1; index >= 0; index--) {
      const axis = axes[index] as number;
      at += (rest % (shape[axis] as number)) * (strides[axis] as number);
      rest = Math.floor(rest / (shape[axis] as number));
    }
    return at;
  });
}

function foldWith(value: Value, { shape, groups, size, order }: Folding, fold: Fold): Value {
  if (value.kind === 'BYTES') throw new UnsupportedError('texts cannot be reduced');
  const data = numbersOf(value.kind, groups);
  const from = numbers(value);
  const members = order === undefined ? from : Float64Array.from(order, (at) => from[at] as number);
  for (let group = 0; group < groups; group++) data[group] = fold(members, group * size, size);
  return { kind: value.kind, shape, data };
}

/** Axes moved from an attribute to an input in version 13 (ReduceSum) or 18 (the others). */
function reduction(fold: Fold): Operator {
  return (node) => {
    const keep = node.int('keepdims', 1) === 1;
    const noop = node.int('noop_with_empty_axes', 0) === 1;
    const fixed = node.ints('axes');
    const toAxes = remembering(toInts);
    return {
      run: ([input, axesInput]) => {
        const value = given(input, 0);
        const { shape } = value;
        const asked = fixed ?? (axesInput === undefined ? [] : toAxes(axesInput));
        if (asked.length === 0 && noop) return [value];
        const axes =
          asked.length === 0 ? shape.map((_, axis) => axis) : asked.map((axis) => toAxis(axis, shape.length)).toSorted((a, b) => a - b);
        return [foldWith(value, toFolding(shape, axes, keep), fold)];
      },
    };
  };
}

/** Position of the extreme along an axis; the lowest on ties. */
function argument(better: (x: number, best: number) => boolean): Operator {
  return (node) => {
    const axisAsked = node.int('axis', 0);
    const keep = node.int('keepdims', 1) === 1;
    if (node.int('select_last_index', 0) !== 0) throw new UnsupportedError(`${node.op} with select_last_index`);
    return {
      run: ([input]) => {
        const value = given(input, 0);
        const axis = toAxis(axisAsked, value.shape.length);
        const { outer, size, inner } = around(value.shape, axis);
        const from = numbers(value);
        const data = new Float64Array(outer * inner);
        for (let index = 0; index < data.length; index++) {
          const start = inner === 1 ? index * size : Math.floor(index / inner) * size * inner + (index % inner);
          let best = 0;
          for (let at = 1; at < size; at++) if (better(from[start + at * inner] as number, from[start + best * inner] as number)) best = at;
          data[index] = best;
        }
        const shape = keep ? value.shape.with(axis, 1) : value.shape.toSpliced(axis, 1);
        return [{ kind: 'INT64', shape, data }];
      },
    };
  };
}

/** Before version 13 all dimensions from the axis on (1 unless said) are one; from then on it works along the axis (the last unless said). */
function softmax(node: NodeView, finish: (x: number, most: number, total: number) => number): Kernel {
  const along = node.opset >= 13;
  const axisAsked = node.int('axis', along ? -1 : 1);
  return {
    run: ([input]) => {
      const value = given(input, 0);
      const axis = toAxis(axisAsked, value.shape.length);
      const { outer, size, inner } = along
        ? around(value.shape, axis)
        : { outer: countOf(value.shape.slice(0, axis)), size: countOf(value.shape.slice(axis)), inner: 1 };
      const from = numbers(value);
      if (value.kind !== 'FP32' && value.kind !== 'FP64') throw new UnsupportedError(`${node.op} of ${value.kind}`);
      const data = numbersOf(value.kind, from.length);
      for (let group = 0; group < outer * inner; group++) {
        const start = Math.floor(group / inner) * size * inner + (group % inner);
        let most = -Infinity;
        for (let at = 0; at < size; at++) most = Math.max(most, from[start + at * inner] as number);
        let total = 0;
        for (let at = 0; at < size; at++) total += Math.exp((from[start + at * inner] as number) - most);
        for (let at = 0; at < size; at++) data[start + at * inner] = finish(from[start + at * inner] as number, most, total);
      }
      return [{ kind: value.kind, shape: value.shape, data }];
    },
  };
}

const cumulativeSum: Operator = (node) => {
  if (node.int('exclusive', 0) !== 0 || node.int('reverse', 0) !== 0) throw new UnsupportedError('CumSum exclusive or reversed');
  return {
    run: ([input, axisInput]) => {
      const value = given(input, 0);
      const axis = toAxis(toInts(given(axisInput, 1))[0] ?? 0, value.shape.length);
      const { outer, size, inner } = around(value.shape, axis);
      const data = numbers(value).slice();
      for (let group = 0; group < outer * inner; group++) {
        const start = Math.floor(group / inner) * size * inner + (group % inner);
        for (let at = 1; at < size; at++)
          data[start + at * inner] = (data[start + at * inner] as number) + (data[start + (at - 1) * inner] as number);
      }
      return [{ kind: value.kind, shape: value.shape, data }];
    },
  };
};

/** The k largest or smallest along an axis, in order; the lower index first on ties. k is an attribute before version 10. */
const topK: Operator = (node) => {
  const axisAsked = node.int('axis', -1);
  const largest = node.int('largest', 1) === 1;
  const fixed = node.int('k', -1);
  return {
    run: ([input, kInput]) => {
      const value = given(input, 0);
      const axis = toAxis(axisAsked, value.shape.length);
      const { outer, size, inner } = around(value.shape, axis);
      const k = fixed >= 0 ? fixed : (toInts(given(kInput, 1))[0] ?? 0);
      if (value.kind === 'BYTES' || k < 0 || k > size) throw new Error(`TopK asks for ${k} of ${size}`);
      const from = numbers(value);
      const values = numbersOf(value.kind, outer * k * inner);
      const indices = new Float64Array(values.length);
      for (let group = 0; group < outer * inner; group++) {
        const block = Math.floor(group / inner);
        const start = block * size * inner + (group % inner);
        const at = (position: number): number => from[start + position * inner] as number;
        const order = Array.from({ length: size }, (_, position) => position).toSorted(
          (a, b) => (largest ? at(b) - at(a) : at(a) - at(b)) || a - b,
        );
        for (let place = 0; place < k; place++) {
          const to = block * k * inner + place * inner + (group % inner);
          values[to] = at(order[place] as number);
          indices[to] = order[place] as number;
        }
      }
      const shape = value.shape.with(axis, k);
      return [
        { kind: value.kind, shape, data: values },
        { kind: 'INT64', shape, data: indices },
      ];
    },
  };
};

export const reductions: Readonly<Record<string, Operator>> = {
  ReduceSum: reduction(sum),
  ReduceMean: reduction((data, from, size) => sum(data, from, size) / size),
  ReduceProd: reduction(folding(1, (so, x) => so * x)),
  ReduceMax: reduction(largest),
  ReduceMin: reduction(folding(Infinity, Math.min)),
  ReduceSumSquare: reduction(sumOfSquares),
  ReduceL1: reduction(folding(0, (so, x) => so + Math.abs(x))),
  ReduceL2: reduction((data, from, size) => Math.sqrt(sumOfSquares(data, from, size))),
  ReduceLogSumExp: reduction(logSumExp),
  ArgMax: argument((x, best) => x > best),
  ArgMin: argument((x, best) => x < best),
  Softmax: (node) => softmax(node, (x, most, total) => Math.exp(x - most) / total),
  LogSoftmax: (node) => softmax(node, (x, most, total) => x - most - Math.log(total)),
  CumSum: cumulativeSum,
  TopK: topK,
};
