import type { Value, ValueData } from '../graph.ts';
import type { Operator } from './operator.ts';
import { UnsupportedError, countOf, isTexts, numbersOf } from '../graph.ts';
import { broadcastIndex, broadcastShape } from './broadcast.ts';
import { around, given, numbers, remembering, toAxis, toInts, unaryKernel } from './operator.ts';

/** Elements of a value in another order, or some of them. */
function pick(value: Value, shape: readonly number[], index: (element: number) => number): Value {
  const count = countOf(shape);
  const { kind, data } = value;
  if (kind === 'BYTES' || isTexts(data))
    return { kind, shape, data: Array.from({ length: count }, (_, element) => (data as readonly string[])[index(element)] as string) };
  const out = numbersOf(kind, count);
  for (let element = 0; element < count; element++) out[element] = data[index(element)] as number;
  return { kind, shape, data: out };
}

function checkConcat(values: readonly Value[], axis: number): Value {
  const [first] = values;
  if (first === undefined) throw new Error('Concat of nothing');
  for (const { shape, kind } of values) {
    if (shape.length !== first.shape.length || kind !== first.kind) throw new Error('Concat of tensors that do not fit each other');
    for (let at = 0; at < shape.length; at++)
      if (at !== axis && shape[at] !== first.shape[at]) throw new Error('Concat of tensors that do not fit each other');
  }
  return first;
}

const concat: Operator = (node) => {
  const axisAsked = node.int('axis', 1);
  return {
    run: (inputs) => {
      const values = inputs.map((value, index) => given(value, index));
      const axis = toAxis(axisAsked, values[0]?.shape.length ?? 0);
      const { kind, shape: like } = checkConcat(values, axis);
      const { outer } = around(like, axis);
      let total = 0;
      let along = 0;
      for (const { shape, data } of values) {
        total += data.length;
        along += shape[axis] as number;
      }
      const data: { [index: number]: string | number } = kind === 'BYTES' ? new Array<string>(total) : numbersOf(kind, total);
      const stride = total / outer;
      let start = 0;
      for (const value of values) {
        const from = value.data;
        const width = from.length / outer;
        for (let row = 0; row < outer; row++)
          for (let at = 0; at < width; at++) data[row * stride + start + at] = from[row * width + at] as string | number;
        start += width;
      }
      return [{ kind, shape: like.with(axis, along), data: data as ValueData }];
    },
  };
};

/** A size of 0 is copied (unless `allowzero`), and −1 takes what is left. */
function reshapeTo(value: Value, wanted: readonly number[], allowZero: boolean): Value {
  const shape = wanted.slice();
  let open = -1;
  let known = 1;
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 0 && !allowZero) shape[axis] = value.shape[axis] ?? 0;
    if (shape[axis] === -1) open = axis;
    else known *= shape[axis] as number;
  }
  const count = value.data.length;
  if (open !== -1) shape[open] = known === 0 ? 0 : count / known;
  const found = countOf(shape);
  if (found !== count || !Number.isInteger(shape[open] ?? 0))
    throw new Error(`[${value.shape.join(', ')}] cannot be reshaped to [${wanted.join(', ')}]`);
  return { kind: value.kind, shape, data: value.data };
}

const transpose: Operator = (node) => {
  const order = node.ints('perm');
  return unaryKernel((value) => {
    const rank = value.shape.length;
    const perm = order ?? value.shape.map((_, axis) => rank - 1 - axis);
    if (perm.length !== rank || new Set(perm).size !== rank || perm.some((axis) => axis < 0 || axis >= rank))
      throw new Error('Transpose with a wrong "perm"');
    const strides = value.shape.map((_, axis) => countOf(value.shape.slice(axis + 1)));
    const shape = perm.map((axis) => value.shape[axis] as number);
    return pick(value, shape, (element) => {
      let rest = element;
      let at = 0;
      for (let axis = rank - 1; axis >= 0; axis--) {
        const size = shape[axis] as number;
        at += (rest % size) * (strides[perm[axis] as number] as number);
        rest = Math.floor(rest / size);
      }
      return at;
    });
  });
};

const squeeze: Operator = (node) => {
  const fixed = node.ints('axes');
  const toAxes = remembering(toInts);
  return {
    run: ([input, axesInput]) => {
      const value = given(input, 0);
      const asked = fixed ?? (axesInput === undefined ? undefined : toAxes(axesInput));
      const axes = asked?.map((axis) => toAxis(axis, value.shape.length));
      const shape = value.shape.filter((size, axis) => (axes === undefined ? size !== 1 : !axes.includes(axis)));
      return [reshapeTo(value, shape, true)];
    },
  };
};

const unsqueeze: Operator = (node) => {
  const fixed = node.ints('axes');
  const toAxes = remembering(toInts);
  return {
    run: ([input, axesInput]) => {
      const value = given(input, 0);
      const asked = fixed ?? toAxes(given(axesInput, 1));
      const rank = value.shape.length + asked.length;
      const axes = asked.map((axis) => toAxis(axis, rank));
      const rest = value.shape.values();
      const shape = Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.next().value as number)));
      return [{ ...value, shape }];
    },
  };
};

const flatten: Operator = (node) => {
  const axisAsked = node.int('axis', 1);
  return unaryKernel((value) => {
    const axis = axisAsked < 0 ? axisAsked + value.shape.length : axisAsked;
    return { ...value, shape: [countOf(value.shape.slice(0, axis)), countOf(value.shape.slice(axis))] };
  });
};

const expand: Operator = () => ({
  run: ([input, wanted]) => {
    const value = given(input, 0);
    const shape = broadcastShape(value.shape, toInts(given(wanted, 1)));
    const index = broadcastIndex(value.shape, shape);
    return [index === undefined ? value : pick(value, shape, (element) => index[element] as number)];
  },
});

const gatherRows: Operator = (node) => {
  const axisAsked = node.int('axis', 0);
  const toIndices = remembering(toInts);
  return {
    run: ([input, indexInput]) => {
      const value = given(input, 0);
      const indices = given(indexInput, 1);
      const axis = toAxis(axisAsked, value.shape.length);
      const { size, inner } = around(value.shape, axis);
      const wanted = toIndices(indices).map((index) => toAxis(index, size));
      const shape = [...value.shape.slice(0, axis), ...indices.shape, ...value.shape.slice(axis + 1)];
      const block = wanted.length * inner;
      return [
        pick(value, shape, (element) => {
          const outer = Math.floor(element / block);
          const within = element % block;
          return (outer * size + (wanted[Math.floor(within / inner)] as number)) * inner + (within % inner);
        }),
      ];
    },
  };
};

/** Limits are attributes before version 10 and inputs from then on. */
const sliceAxes: Operator = (node) => {
  const [fixedStarts, fixedEnds, fixedAxes] = [node.ints('starts'), node.ints('ends'), node.ints('axes')];
  return {
    run: ([input, startsInput, endsInput, axesInput, stepsInput]) => {
      const value = given(input, 0);
      const starts = fixedStarts ?? toInts(given(startsInput, 1));
      const ends = fixedEnds ?? toInts(given(endsInput, 2));
      const axes = fixedAxes ?? (axesInput === undefined ? starts.map((_, axis) => axis) : toInts(axesInput));
      const steps = stepsInput === undefined ? [] : toInts(stepsInput);
      const from = value.shape.map(() => 0);
      const step = value.shape.map(() => 1);
      const shape = [...value.shape];
      starts.forEach((start, index) => {
        const axis = toAxis(axes[index] ?? index, value.shape.length);
        const size = value.shape[axis] as number;
        const by = steps[index] ?? 1;
        if (by <= 0) throw new Error('Slice backwards is not supported');
        const clamp = (at: number): number => Math.min(size, Math.max(0, at < 0 ? at + size : at));
        from[axis] = clamp(start);
        step[axis] = by;
        shape[axis] = Math.max(0, Math.ceil((clamp(ends[index] as number) - (from[axis] as number)) / by));
      });
      const strides = value.shape.map((_, axis) => countOf(value.shape.slice(axis + 1)));
      return [
        pick(value, shape, (element) => {
          let rest = element;
          let at = 0;
          for (let axis = shape.length - 1; axis >= 0; axis--) {
            const size = shape[axis] as number;
            at += ((from[axis] as number) + (rest % size) * (step[axis] as number)) * (strides[axis] as number);
            rest = Math.floor(rest / size);
          }
          return at;
        }),
      ];
    },
  };
};

/** Sizes are an attribute before version 13, an input from then on, and equal when neither is given. */
const split: Operator = (node) => {
  const axisAsked = node.int('axis', 0);
  const fixed = node.ints('split');
  const parts = node.int('num_outputs', node.outputs);
  return {
    run: ([input, sizesInput]) => {
      const value = given(input, 0);
      const axis = toAxis(axisAsked, value.shape.length);
      const { size, inner } = around(value.shape, axis);
      const even = Math.ceil(size / parts);
      const sizes =
        fixed ??
        (sizesInput === undefined
          ? Array.from({ length: parts }, (_, part) => Math.max(0, Math.min(even, size - part * even)))
          : toInts(sizesInput));
      let start = 0;
      return sizes.map((length) => {
        const first = start;
        start += length;
        return pick(value, value.shape.with(axis, length), (element) => {
          const block = length * inner;
          return Math.floor(element / block) * size * inner + first * inner + (element % block);
        });
      });
    },
  };
};

const constant: Operator = (node) => {
  const one = (kind: 'FP32' | 'INT64', values: readonly number[], shape: readonly number[]): Value => ({
    kind,
    shape,
    data: kind === 'FP32' ? Float32Array.from(values) : Float64Array.from(values),
  });
  const floats = node.floats('value_floats');
  const ints = node.ints('value_ints');
  const strings = node.strings('value_strings');
  const value =
    node.tensor('value') ??
    (floats === undefined ? undefined : one('FP32', floats, [floats.length])) ??
    (ints === undefined ? undefined : one('INT64', ints, [ints.length])) ??
    (strings === undefined ? undefined : ({ kind: 'BYTES', shape: [strings.length], data: strings } satisfies Value)) ??
    (node.has('value_float') ? one('FP32', [node.float('value_float', 0)], []) : undefined) ??
    (node.has('value_int') ? one('INT64', [node.int('value_int', 0)], []) : undefined) ??
    (node.has('value_string') ? ({ kind: 'BYTES', shape: [], data: [node.string('value_string', '')] } satisfies Value) : undefined);
  if (value === undefined) throw new UnsupportedError('Constant without a value');
  return { run: () => [value] };
};

const constantOfShape: Operator = (node) => {
  const fill = node.tensor('value') ?? { kind: 'FP32' as const, shape: [1], data: new Float32Array(1) };
  return {
    run: ([input]) => {
      const shape = toInts(given(input, 0));
      if (countOf(shape) > 1 << 26) throw new Error('ConstantOfShape of more than 2^26 elements');
      return [pick(fill, shape, () => 0)];
    },
  };
};

const range: Operator = () => ({
  run: ([start, limit, delta]) => {
    const first = given(start, 0);
    const [from = 0, until = 0, by = 1] = [first, given(limit, 1), given(delta, 2)].map((value) => numbers(value)[0]);
    const count = Math.max(0, Math.ceil((until - from) / by));
    if (first.kind === 'BYTES' || !(count <= 1 << 26)) throw new Error('Range of more than 2^26 elements');
    const data = numbersOf(first.kind, count);
    for (let index = 0; index < count; index++) data[index] = from + index * by;
    return [{ kind: first.kind, shape: [count], data }];
  },
});

export const layout: Readonly<Record<string, Operator>> = {
  Concat: concat,
  Reshape: (node) => {
    const allowZero = node.int('allowzero', 0) === 1;
    const fixed = node.ints('shape');
    const toSizes = remembering(toInts);
    return { run: ([input, wanted]) => [reshapeTo(given(input, 0), fixed ?? toSizes(given(wanted, 1)), allowZero)] };
  },
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Flatten: flatten,
  Expand: expand,
  Gather: gatherRows,
  Slice: sliceAxes,
  Split: split,
  Shape: () => unaryKernel((value) => ({ kind: 'INT64', shape: [value.shape.length], data: Float64Array.from(value.shape) })),
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
};
