import type { Kind, Value } from '../graph.ts';
import type { Kernel, NodeView, Operator } from './operator.ts';
import { UnsupportedError, isTexts } from '../graph.ts';
import { given, numbers, texts } from './operator.ts';

type Side = { readonly kind: Kind; readonly values: readonly (string | number)[] };

/** Keys or values of a LabelEncoder: one of three attributes, or a tensor of version 4. */
function side(node: NodeView, name: 'keys' | 'values'): Side | undefined {
  const strings = node.strings(`${name}_strings`);
  if (strings !== undefined) return { kind: 'BYTES', values: strings };
  const integers = node.ints(`${name}_int64s`);
  if (integers !== undefined) return { kind: 'INT64', values: integers };
  const floats = node.floats(`${name}_floats`);
  if (floats !== undefined) return { kind: 'FP32', values: floats };
  const tensor = node.tensor(`${name}_tensor`);
  return tensor === undefined
    ? undefined
    : { kind: tensor.kind, values: Array.from<string | number>(tensor.data as ArrayLike<string | number>) };
}

function otherwise(node: NodeView, kind: Kind): string | number {
  const tensor = node.tensor('default_tensor');
  if (tensor !== undefined) return (tensor.data[0] as string | number | undefined) ?? 0;
  if (kind === 'BYTES') return node.string('default_string', '_Unused');
  return kind === 'INT64' ? node.int('default_int64', -1) : node.float('default_float', -0);
}

/** Of two equal keys the first counts. A NaN key is met by NaN from version 4 on: a Map finds it, so before that it is left out. */
function toTable(node: NodeView, keys: Side, values: Side): ReadonlyMap<string | number, string | number> {
  if (keys.values.length !== values.values.length) throw new UnsupportedError('LabelEncoder with more keys than values, or fewer');
  const table = new Map<string | number, string | number>();
  keys.values.forEach((key, index) => {
    if (!table.has(key) && (node.opset >= 4 || !Number.isNaN(key))) table.set(key, values.values[index] as string | number);
  });
  return table;
}

function toValue(kind: Kind, shape: readonly number[], found: readonly (string | number)[]): Value {
  if (kind === 'BYTES') return { kind, shape, data: found as readonly string[] };
  return {
    kind,
    shape,
    data: kind === 'FP32' ? Float32Array.from(found as readonly number[]) : Float64Array.from(found as readonly number[]),
  };
}

/** Version 1: texts to their place in a list, or back. */
function classLabels(node: NodeView): Kernel {
  const classes = node.strings('classes_strings') ?? [];
  const missingText = node.string('default_string', '_Unused');
  const missingNumber = node.int('default_int64', -1);
  const index = new Map(classes.map((label, at) => [label, at]));
  return {
    run: ([input]) => {
      const value = given(input, 0);
      if (isTexts(value.data))
        return [
          toValue(
            'INT64',
            value.shape,
            value.data.map((text) => index.get(text) ?? missingNumber),
          ),
        ];
      return [
        toValue(
          'BYTES',
          value.shape,
          Array.from(value.data, (at) => classes[at] ?? missingText),
        ),
      ];
    },
    probes: { of: 'all', values: classes },
  };
}

const labelEncoder: Operator = (node) => {
  if (node.opset < 2) return classLabels(node);
  const keys = side(node, 'keys');
  const values = side(node, 'values');
  if (keys === undefined || values === undefined) throw new UnsupportedError('LabelEncoder without keys or values');
  const table = toTable(node, keys, values);
  const missing = otherwise(node, values.kind);
  return {
    run: ([input]) => {
      const value = given(input, 0);
      const data: ArrayLike<string | number> = keys.kind === 'BYTES' ? texts(value) : numbers(value);
      return [
        toValue(
          values.kind,
          value.shape,
          Array.from(data, (key) => table.get(key) ?? missing),
        ),
      ];
    },
    probes: { of: 'all', values: keys.values },
  };
};

/** [N] or [N, 1] to [N, 1, C]: numbers are truncated; what is unknown, NaN too, is all zeros, or an error when `zeros` is 0. */
const oneHotEncoder: Operator = (node) => {
  const strings = node.strings('cats_strings');
  const categories: readonly (string | number)[] = strings ?? node.ints('cats_int64s') ?? [];
  if (categories.length === 0) throw new UnsupportedError('OneHotEncoder without categories');
  const zeros = node.int('zeros', 1) !== 0;
  const index = new Map<string | number, number>();
  categories.forEach((category, at) => index.set(category, at));
  const width = categories.length;
  return {
    run: ([input]) => {
      const value = given(input, 0);
      const data: ArrayLike<string | number> = strings === undefined ? numbers(value) : texts(value);
      const out = new Float32Array(data.length * width);
      for (let row = 0; row < data.length; row++) {
        const cell = data[row] as string | number;
        const at = index.get(typeof cell === 'number' ? Math.trunc(cell) + 0 : cell);
        if (at !== undefined) out[row * width + at] = 1;
        else if (!zeros) throw new Error('a category is unknown');
      }
      return [{ kind: 'FP32', shape: [...value.shape, width], data: out }];
    },
    probes: { of: 'all', values: categories },
  };
};

/** Texts to numbers or back, by two lists. */
const categoryMapper: Operator = (node) => {
  const strings = node.strings('cats_strings') ?? [];
  const integers = node.ints('cats_int64s') ?? [];
  const toNumber = new Map(strings.map((text, at) => [text, integers[at] as number]));
  const toText = new Map(integers.map((number, at) => [number, strings[at] as string]));
  const missingText = node.string('default_string', '_Unused');
  const missingNumber = node.int('default_int64', -1);
  return {
    run: ([input]) => {
      const value = given(input, 0);
      if (isTexts(value.data))
        return [
          toValue(
            'INT64',
            value.shape,
            value.data.map((text) => toNumber.get(text) ?? missingNumber),
          ),
        ];
      return [
        toValue(
          'BYTES',
          value.shape,
          Array.from(value.data, (number) => toText.get(number) ?? missingText),
        ),
      ];
    },
    probes: { of: 'all', values: [...strings, ...integers] },
  };
};

export const encoders: Readonly<Record<string, Operator>> = {
  LabelEncoder: labelEncoder,
  OneHotEncoder: oneHotEncoder,
  CategoryMapper: categoryMapper,
};
