/** Reads a model that LightGBM saved as text (`microsoft/LightGBM:src/boosting/gbdt_model_text.cpp`, `include/LightGBM/tree.h`). */
import type { Booster, BoosterOutput } from './booster.ts';
import type { EnsembleBuilder } from './builder.ts';
import { UnsupportedModelError, each, softmax } from './booster.ts';
import { TreeError, missing, mode } from './ensemble.ts';
import { createBuilder } from './builder.ts';
import { sigmoid } from '../graph/operators/unary.ts';

type Fields = ReadonlyMap<string, string>;

/** Bits of `decision_type`. */
const CATEGORICAL = 1;
const DEFAULT_LEFT = 2;
const MISSING_ZERO = 1;
const MISSING_NAN = 2;

function toFields(lines: readonly string[]): Fields {
  return new Map(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at === -1 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

function numbers(fields: Fields, name: string, count?: number): readonly number[] {
  const text = fields.get(name) ?? '';
  const values = text === '' ? [] : text.split(' ').map(Number);
  if (values.some(Number.isNaN) || (count !== undefined && values.length !== count))
    throw new TreeError(`"${name}" is not ${count ?? 'a list of'} numbers`);
  return values;
}

/** A bit set of 32-bit words as bytes. */
function toMembers(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  words.forEach((word, at) => new DataView(bytes.buffer).setUint32(at * 4, word, true));
  return bytes;
}

/** The rule for a missing value at a numeric split. NaN counts as 0 unless the split was made for NaN. */
function missingRule(type: number, threshold: number): number {
  const defaultLeft = (type & DEFAULT_LEFT) === 0 ? 0 : missing.nanTrue;
  const kind = (type >> 2) & 3;
  if (kind === MISSING_NAN) return defaultLeft;
  if (kind === MISSING_ZERO) return defaultLeft | missing.zeroToo;
  return 0 <= threshold ? missing.nanTrue : 0;
}

function addTree(builder: EnsembleBuilder, fields: Fields, target: number): void {
  if (fields.get('is_linear') === '1') throw new UnsupportedModelError('linear trees');
  const leaves = Number(fields.get('num_leaves'));
  if (!Number.isInteger(leaves) || leaves < 1) throw new TreeError('"num_leaves" is not a positive integer');
  const base = builder.next();
  builder.root(base);
  const inner = leaves - 1;
  const values = numbers(fields, 'leaf_value', leaves);
  if (fields.has('leaf_count'))
    builder.cover([...(inner > 0 ? numbers(fields, 'internal_count', inner) : []), ...numbers(fields, 'leaf_count', leaves)]);
  else if (inner === 0) builder.cover([1]);
  if (inner > 0) {
    const [feature, threshold, types] = ['split_feature', 'threshold', 'decision_type'].map((name) => numbers(fields, name, inner)) as [
      readonly number[],
      readonly number[],
      readonly number[],
    ];
    const [left, right] = ['left_child', 'right_child'].map((name) => numbers(fields, name, inner)) as [
      readonly number[],
      readonly number[],
    ];
    const boundaries = numbers(fields, 'cat_boundaries');
    const words = numbers(fields, 'cat_threshold');
    // A child below zero is a leaf, by its complement.
    const nodeOf = (child: number): number => base + (child >= 0 ? child : inner + ~child);
    for (let at = 0; at < inner; at++) {
      const type = types[at] as number;
      const limit = threshold[at] as number;
      const [yes, no] = [nodeOf(left[at] as number), nodeOf(right[at] as number)];
      if ((type & CATEGORICAL) === 0) builder.ask(mode.lessOrEqual, feature[at] as number, limit, yes, no, missingRule(type, limit));
      else
        builder.ask(
          mode.member,
          feature[at] as number,
          builder.set(toMembers(words.slice(boundaries[limit], boundaries[limit + 1]))),
          yes,
          no,
          0,
        );
    }
  }
  for (const value of values) builder.leaf(value, target);
}

interface Objective {
  readonly output: BoosterOutput;
  finish(sums: Float64Array, from: number): void;
}

/** `objective=` with its parameters, as the library's own `ConvertOutput` applies it. */
function toObjective(text: string, targets: number): Objective {
  const [name = '', ...parameters] = text.split(' ');
  const parameter = (key: string): number => Number(parameters.find((word) => word.startsWith(`${key}:`))?.slice(key.length + 1) ?? 1);
  const values: BoosterOutput = { kind: 'value', targets };
  switch (name) {
    case 'binary': {
      const steepness = parameter('sigmoid');
      return { output: { kind: 'binary' }, finish: each(1, (sum) => sigmoid(steepness * sum)) };
    }
    case 'multiclass':
      return { output: { kind: 'multiclass', classes: targets }, finish: (sums, from) => softmax(sums, from, targets) };
    case 'multiclassova': {
      const steepness = parameter('sigmoid');
      return { output: { kind: 'multiclass', classes: targets }, finish: each(targets, (sum) => sigmoid(steepness * sum)) };
    }
    case 'cross_entropy':
      return { output: values, finish: each(targets, sigmoid) };
    case 'poisson':
    case 'gamma':
    case 'tweedie':
      return { output: values, finish: each(targets, Math.exp) };
    case 'regression':
    case 'regression_l1':
    case 'huber':
    case 'fair':
    case 'quantile':
    case 'mape':
    case 'lambdarank':
    case 'rank_xendcg':
    case 'custom':
    case '':
      return { output: values, finish: each(targets, parameters.includes('sqrt') ? (sum) => Math.sign(sum) * sum * sum : (sum) => sum) };
    default:
      throw new UnsupportedModelError(`objective "${name}"`);
  }
}

function checkCategories(line: string | undefined): void {
  const text = line?.slice('pandas_categorical:'.length) ?? 'null';
  let levels: unknown;
  try {
    levels = JSON.parse(text);
  } catch {
    throw new TreeError('"pandas_categorical" is not JSON');
  }
  if (Array.isArray(levels) && levels.length > 0)
    throw new UnsupportedModelError('columns of pandas categories, whose values are no numbers');
}

/** Reads the text of a model file. Throws `TreeError` when it is none, `UnsupportedModelError` for what is not computed here. */
export function readLightgbm(text: string): Booster {
  const lines = text.split(/\r?\n/);
  const first = lines.findIndex((line) => line.startsWith('Tree='));
  const end = lines.indexOf('end of trees');
  if (lines[0]?.trim() !== 'tree' || end === -1) throw new TreeError('it is not a text that LightGBM saved, or it was cut off');
  const header = toFields(lines.slice(1, first === -1 ? end : first).filter((line) => line.trim() !== ''));
  const targets = Number(header.get('num_tree_per_iteration') ?? 1);
  const features = (header.get('feature_names') ?? '').split(' ');
  checkCategories(lines.findLast((line) => line.startsWith('pandas_categorical:')));

  const builder = createBuilder();
  let trees = 0;
  for (let at = first; at !== -1 && at < end; trees++) {
    let next = at + 1;
    while (next < end && !(lines[next] as string).startsWith('Tree=')) next += 1;
    addTree(builder, toFields(lines.slice(at + 1, next).filter((line) => line.trim() !== '')), trees % targets);
    at = next;
  }
  const { output, finish } = toObjective(header.get('objective') ?? '', targets);
  const iterations = trees / targets;
  const average = header.has('average_output') && iterations > 0 ? each(targets, (sum) => sum / iterations) : undefined;
  return {
    ensemble: builder.build('FP64', features.length, targets),
    features,
    output,
    divisor: average === undefined ? 1 : iterations,
    margins: Array.from({ length: targets }, () => 0),
    finish: (sums, from) => {
      average?.(sums, from);
      finish(sums, from);
    },
  };
}
