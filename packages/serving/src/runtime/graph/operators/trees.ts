import type { OnnxTrees } from '../../trees/from-onnx.ts';
import type { TreeSums } from '../../trees/compile.ts';
import type { Value } from '../graph.ts';
import type { Kernel, NodeView, Operator } from './operator.ts';
import { UnsupportedError } from '../graph.ts';
import { mode } from '../../trees/ensemble.ts';
import { numbersOf, readOnnxTrees, thresholdsOf, toEnsemble } from '../../trees/from-onnx.ts';
import { createTreeSums } from '../../trees/compile.ts';
import { asRows, given } from './operator.ts';
import { labelColumn, postTransform, toLabels, toPostTransform } from './scores.ts';
import { sigmoid } from './unary.ts';

const PROBES_A_COLUMN = 24;

/** Sums of all trees a row, compared in the type of the input. */
function createSums(trees: OnnxTrees): {
  of(value: Value): { readonly sums: Float64Array; readonly rows: number };
  compile(): Promise<void>;
} {
  const byKind = new Map<'FP32' | 'FP64', TreeSums>();
  return {
    of: (value) => {
      const { kind, data } = value;
      if (kind !== 'FP32' && kind !== 'FP64') throw new UnsupportedError(`trees over ${kind}`);
      const known = byKind.get(kind);
      const sums = known ?? createTreeSums(toEnsemble(trees, kind));
      if (known === undefined) byKind.set(kind, sums);
      const { rows, width } = asRows(value);
      return { sums: sums.sum(data as Float32Array | Float64Array, rows, width), rows };
    },
    compile: async () => {
      for (const sums of byKind.values()) await sums.compile();
    },
  };
}

function toKernel(trees: OnnxTrees, finish: (sums: Float64Array, rows: number) => readonly Value[]): Kernel {
  const ensemble = createSums(trees);
  return {
    run: ([input]) => {
      const { sums, rows } = ensemble.of(given(input, 0));
      return finish(sums, rows);
    },
    prepare: ensemble.compile,
    probes: { of: 'columns', values: thresholdsOf(trees, PROBES_A_COLUMN) },
  };
}

const regressor: Operator = (node) => {
  const targets = node.int('n_targets', 1);
  const aggregate = node.string('aggregate_function', 'SUM');
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE') throw new UnsupportedError(`trees aggregated by ${aggregate}`);
  // ONNX Runtime leaves a single target as it is, whatever the file asks for.
  const asked = toPostTransform(node.string('post_transform', 'NONE'));
  const transform = targets === 1 ? 'NONE' : asked;
  const trees = readOnnxTrees(node, 'target', targets);
  const base = numbersOf(node, 'base_values') ?? [];
  if (base.length !== 0 && base.length !== targets) throw new UnsupportedError('base values for other targets than there are');
  const divisor = aggregate === 'AVERAGE' ? trees.roots.length : 1;
  return toKernel(trees, (sums, rows) => {
    for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] as number) / divisor + (base[at % targets] ?? 0);
    for (let row = 0; row < rows; row++) postTransform(transform, sums, row * targets, targets);
    return [{ kind: 'FP32', shape: [rows, targets], data: Float32Array.from(sums) }];
  });
};

/** Two labels, all weights of class 0: the sum decides, by what the weights' signs say it is. */
function binaryClassifier(node: NodeView, trees: OnnxTrees): Kernel {
  const labels = toLabels(node, 'classlabels_int64s');
  const base = numbersOf(node, 'base_values') ?? [];
  if (base.length > 1) throw new UnsupportedError('two base values for one sum');
  const isLogistic = toPostTransform(node.string('post_transform', 'NONE')) === 'LOGISTIC';
  const isPositive = trees.weights.every((weight) => weight >= 0);
  const border = isPositive ? 0.5 : 0;
  return toKernel(trees, (sums, rows) => {
    const chosen = new Uint32Array(rows);
    const data = new Float32Array(rows * 2);
    for (let row = 0; row < rows; row++) {
      const sum = (sums[row] as number) + (base[0] ?? 0);
      chosen[row] = sum > border ? 1 : 0;
      data[row * 2] = isLogistic ? sigmoid(-sum) : isPositive ? 1 - sum : -sum;
      data[row * 2 + 1] = isLogistic ? sigmoid(sum) : sum;
    }
    return [labelColumn(labels, chosen), { kind: 'FP32', shape: [rows, 2], data }];
  });
}

/** Whether some tree gives a class a weight at every leaf. ONNX Runtime passes over classes without a score, which sums do not show. */
function isAlwaysScored(trees: OnnxTrees, target: number): boolean {
  const scores = (leaf: number): boolean => {
    for (let at = trees.weightStart[leaf] as number; at < (trees.weightStart[leaf + 1] as number); at++)
      if (trees.weightTarget[at] === target) return true;
    return false;
  };
  const everywhere = (root: number): boolean => {
    const open = [root];
    while (open.length > 0) {
      const at = open.pop() as number;
      if (trees.modes[at] !== mode.leaf) open.push(trees.whenTrue[at] as number, trees.whenFalse[at] as number);
      else if (!scores(at)) return false;
    }
    return true;
  };
  return trees.roots.some(everywhere);
}

function multiClassifier(node: NodeView, trees: OnnxTrees, classes: number): Kernel {
  const labels = toLabels(node, 'classlabels_int64s');
  const transform = toPostTransform(node.string('post_transform', 'NONE'));
  const base = numbersOf(node, 'base_values') ?? [];
  if (base.length !== 0 && base.length !== classes) throw new UnsupportedError('base values for other classes than there are');
  for (let target = 0; target < classes; target++)
    if (!isAlwaysScored(trees, target)) throw new UnsupportedError('a class without a score in some rows');
  return toKernel(trees, (sums, rows) => {
    const chosen = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) {
      const start = row * classes;
      let best = 0;
      for (let at = 0; at < classes; at++) {
        sums[start + at] = (sums[start + at] as number) + (base[at] ?? 0);
        if ((sums[start + at] as number) > (sums[start + best] as number)) best = at;
      }
      chosen[row] = best;
      postTransform(transform, sums, start, classes);
    }
    return [labelColumn(labels, chosen), { kind: 'FP32', shape: [rows, classes], data: Float32Array.from(sums) }];
  });
}

const classifier: Operator = (node) => {
  const classes = toLabels(node, 'classlabels_int64s').values.length;
  if (classes > 2) return multiClassifier(node, readOnnxTrees(node, 'class', classes), classes);
  // Other layouts of two labels are odd in ONNX Runtime, and written by no converter.
  if (classes !== 2 || (node.ints('class_ids') ?? []).some((id) => id !== 0))
    throw new UnsupportedError('a tree classifier of an unusual layout');
  return binaryClassifier(node, readOnnxTrees(node, 'class', 1));
};

export const treeModels: Readonly<Record<string, Operator>> = { TreeEnsembleClassifier: classifier, TreeEnsembleRegressor: regressor };
