/**
 * Reads a model that XGBoost saved as JSON or UBJSON (`dmlc/xgboost:doc/model.schema`; the meaning of its fields also in
 * `dmlc/treelite:src/model_loader/xgboost_json.cc`).
 */
import type { Booster, BoosterOutput } from './booster.ts';
import type { EnsembleBuilder } from './builder.ts';
import type { Ubjson } from './ubjson.ts';
import { UnsupportedModelError, each, softmax } from './booster.ts';
import { TreeError, missing, mode } from './ensemble.ts';
import { createBuilder } from './builder.ts';
import { readUbjson } from './ubjson.ts';
import { sigmoid } from '../graph/operators/unary.ts';

type Fields = { readonly [key: string]: Ubjson };

function fields(value: Ubjson | undefined, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TreeError(`"${name}" is missing or no object`);
  return value as Fields;
}

function list(value: Ubjson | undefined, name: string): readonly Ubjson[] {
  if (!Array.isArray(value)) throw new TreeError(`"${name}" is missing or no list`);
  return value as readonly Ubjson[];
}

function word(value: Ubjson | undefined, name: string): string {
  if (typeof value !== 'string') throw new TreeError(`"${name}" is missing or no text`);
  return value;
}

function numbers(parent: Fields, name: string, count?: number): readonly number[] {
  const values = list(parent[name], name).map(Number);
  if (values.some(Number.isNaN) || (count !== undefined && values.length !== count))
    throw new TreeError(`"${name}" is not ${count ?? 'a list of'} numbers`);
  return values;
}

/** Categories of a split as a bit set. */
function toMembers(categories: readonly number[]): Uint8Array {
  const most = categories.reduce((a, b) => Math.max(a, b), 0);
  if (most > 1 << 24) throw new TreeError('a category is larger than 2^24');
  const bytes = new Uint8Array((most >> 3) + 1);
  for (const category of categories) bytes[category >> 3] = (bytes[category >> 3] as number) | (1 << (category & 7));
  return bytes;
}

/** Categories by node: those listed go right. */
function toCategories(tree: Fields): ReadonlyMap<number, readonly number[]> {
  const nodes = tree['categories_nodes'] === undefined ? [] : numbers(tree, 'categories_nodes');
  if (nodes.length === 0) return new Map();
  const [all, starts, sizes] = ['categories', 'categories_segments', 'categories_sizes'].map((name) => numbers(tree, name)) as [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  return new Map(nodes.map((node, at) => [node, all.slice(starts[at], (starts[at] as number) + (sizes[at] as number))]));
}

function addTree(builder: EnsembleBuilder, tree: Fields, target: number, scale: number): void {
  const left = numbers(tree, 'left_children');
  const count = left.length;
  const right = numbers(tree, 'right_children', count);
  const feature = numbers(tree, 'split_indices', count);
  const threshold = numbers(tree, 'split_conditions', count);
  const defaultLeft = numbers(tree, 'default_left', count);
  if (Number(fields(tree['tree_param'] ?? {}, 'tree_param')['size_leaf_vector'] ?? 1) > 1)
    throw new UnsupportedModelError('trees with several values a leaf');
  if (tree['sum_hessian'] !== undefined) builder.cover(numbers(tree, 'sum_hessian', count));
  const categories = toCategories(tree);
  const base = builder.next();
  builder.root(base);
  for (let at = 0; at < count; at++) {
    const [yes, no] = [base + (left[at] as number), base + (right[at] as number)];
    const goesLeft = defaultLeft[at] === 1;
    const members = categories.get(at);
    if (left[at] === -1) builder.leaf(Math.fround(threshold[at] as number) * scale, target);
    else if (members !== undefined)
      builder.ask(mode.member, feature[at] as number, builder.set(toMembers(members)), no, yes, goesLeft ? 0 : missing.nanTrue);
    else builder.ask(mode.less, feature[at] as number, Math.fround(threshold[at] as number), yes, no, goesLeft ? missing.nanTrue : 0);
  }
}

interface Objective {
  readonly output: BoosterOutput;
  /** From the space of outputs, in which `base_score` is told, to that of sums. */
  toMargin(score: number): number;
  finish(sums: Float64Array, from: number): void;
}

const same = (score: number): number => score;
const logit = (score: number): number => -Math.log(1 / score - 1);

function toObjective(name: string, targets: number): Objective {
  const values: BoosterOutput = { kind: 'value', targets };
  switch (name) {
    case 'binary:logistic':
      return { output: { kind: 'binary' }, toMargin: logit, finish: each(1, sigmoid) };
    case 'reg:logistic':
      return { output: values, toMargin: logit, finish: each(targets, sigmoid) };
    case 'binary:logitraw':
      return { output: values, toMargin: same, finish: each(targets, same) };
    case 'binary:hinge':
      return { output: values, toMargin: same, finish: each(targets, (sum) => (sum > 0 ? 1 : 0)) };
    case 'multi:softprob':
    case 'multi:softmax':
      return { output: { kind: 'multiclass', classes: targets }, toMargin: same, finish: (sums, from) => softmax(sums, from, targets) };
    case 'count:poisson':
    case 'reg:gamma':
    case 'reg:tweedie':
      return { output: values, toMargin: Math.log, finish: each(targets, Math.exp) };
    case 'reg:squarederror':
    case 'reg:linear':
    case 'reg:squaredlogerror':
    case 'reg:absoluteerror':
    case 'reg:pseudohubererror':
    case 'reg:quantileerror':
    case 'rank:pairwise':
    case 'rank:ndcg':
    case 'rank:map':
      return { output: values, toMargin: same, finish: each(targets, same) };
    default:
      throw new UnsupportedModelError(`objective "${name}"`);
  }
}

/** One number, or a list in brackets that newer versions write: one a target. */
function toBaseScores(text: string, targets: number): readonly number[] {
  const scores = text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map(Number);
  if (scores.some(Number.isNaN) || (scores.length !== 1 && scores.length !== targets))
    throw new TreeError('"base_score" is not a number for each target');
  return Array.from({ length: targets }, (_, target) => scores[scores.length === 1 ? 0 : target] as number);
}

interface Trees {
  readonly trees: readonly Ubjson[];
  /** The target that each tree adds to. */
  readonly info: readonly number[];
  /** What its leaves are multiplied by: DART drops trees by a weight. */
  readonly scales: readonly number[];
  /** Where each round of boosting begins among the trees, and where the last ends. */
  readonly rounds: readonly number[];
}

function readTrees(booster: Fields): Trees {
  const name = word(booster['name'], 'gradient_booster.name');
  const isDart = name === 'dart';
  if (!isDart && name !== 'gbtree') throw new UnsupportedModelError(`booster "${name}"`);
  const model = fields((isDart ? fields(booster['gbtree'], 'gbtree') : booster)['model'], 'model');
  const trees = list(model['trees'], 'trees');
  const info = numbers(model, 'tree_info', trees.length);
  const rounds = model['iteration_indptr'] === undefined ? [] : numbers(model, 'iteration_indptr');
  return { trees, info, scales: isDart ? numbers(booster, 'weight_drop', trees.length) : trees.map(() => 1), rounds };
}

/** Trees up to the best round of early stopping, which the file tells as an attribute. */
function countUsed({ trees, rounds }: Trees, learner: Fields): number {
  const best = Number(fields(learner['attributes'] ?? {}, 'attributes')['best_iteration'] ?? NaN);
  if (!Number.isInteger(best)) return trees.length;
  const end = rounds[best + 1];
  if (end === undefined)
    throw new UnsupportedModelError('early stopping, in a file that does not tell its rounds; save it with XGBoost 2 or later');
  return end;
}

export interface XgboostOptions {
  /** Whether trees after the best iteration of early stopping are left out, as the classes of the scikit-learn interface do. */
  readonly bestOnly: boolean;
}

function toBooster(root: Ubjson, { bestOnly }: XgboostOptions): Booster {
  const learner = fields(fields(root, 'the file')['learner'], 'learner');
  const parameters = fields(learner['learner_model_param'], 'learner_model_param');
  const targets = Math.max(1, Number(parameters['num_class'] ?? 0), Number(parameters['num_target'] ?? 1));
  const columns = Number(parameters['num_feature'] ?? 0);
  const { output, toMargin, finish } = toObjective(word(fields(learner['objective'], 'objective')['name'], 'objective.name'), targets);
  const margins = toBaseScores(word(parameters['base_score'] ?? '0.5', 'base_score'), targets).map((score) => toMargin(Math.fround(score)));
  const all = readTrees(fields(learner['gradient_booster'], 'gradient_booster'));
  const { trees, info, scales } = all;
  const used = bestOnly ? countUsed(all, learner) : trees.length;
  const builder = createBuilder();
  for (let at = 0; at < used; at++) {
    const target = info[at] as number;
    if (target < 0 || target >= targets) throw new TreeError(`tree ${at} adds to output ${target} of ${targets}`);
    addTree(builder, fields(trees[at], `tree ${at}`), target, scales[at] as number);
  }
  const names = Array.isArray(learner['feature_names']) ? (learner['feature_names'] as readonly Ubjson[]).map(String) : [];
  return {
    ensemble: builder.build('FP32', columns, targets),
    features: names.length === columns ? names : Array.from({ length: columns }, (_, column) => `f${column}`),
    output,
    divisor: 1,
    margins,
    finish: (sums, from) => {
      for (let target = 0; target < targets; target++) sums[from + target] = (sums[from + target] as number) + (margins[target] as number);
      finish(sums, from);
    },
  };
}

/** Reads a model file, by its first bytes JSON or UBJSON. Throws `TreeError` when it is none, `UnsupportedModelError` for what is not computed here. */
export function readXgboost(bytes: Uint8Array, options: XgboostOptions): Booster {
  let root: Ubjson;
  try {
    // JSON's second byte is a quote or white space; UBJSON's is the type of a length.
    const isJson = bytes[0] === 0x7b && (bytes[1] === 0x22 || bytes[1] === 0x0a || bytes[1] === 0x0d || bytes[1] === 0x20);
    root = isJson ? (JSON.parse(new TextDecoder().decode(bytes)) as Ubjson) : readUbjson(bytes);
  } catch (error) {
    throw new TreeError(`it is neither JSON nor UBJSON (${error instanceof Error ? error.message : String(error)})`);
  }
  return toBooster(root, options);
}
