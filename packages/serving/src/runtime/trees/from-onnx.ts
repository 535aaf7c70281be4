/** Reads the trees of TreeEnsembleClassifier and TreeEnsembleRegressor (`onnx/onnx:onnx/defs/traditionalml/defs.cc`, versions 1 to 3). */
import type { Ensemble } from './ensemble.ts';
import type { NodeView } from '../graph/operators/operator.ts';
import { UnsupportedError } from '../graph/graph.ts';
import { MOST_TREE_NODES, TreeError, missing, mode } from './ensemble.ts';

const modes: Readonly<Record<string, number>> = {
  LEAF: mode.leaf,
  BRANCH_LEQ: mode.lessOrEqual,
  BRANCH_LT: mode.less,
  BRANCH_GTE: mode.greaterOrEqual,
  BRANCH_GT: mode.greater,
  BRANCH_EQ: mode.equal,
  BRANCH_NEQ: mode.notEqual,
};

/** The trees as they stand in the attributes; `toEnsemble` fits them to the type of the input. */
export type OnnxTrees = Omit<Ensemble, 'comparison'>;

/** Doubles when the attribute is a tensor, floats otherwise. */
export function numbersOf(node: NodeView, name: string): readonly number[] | undefined {
  const tensor = node.tensor(`${name}_as_tensor`);
  return tensor === undefined ? node.floats(name) : Array.from(tensor.data as Float64Array);
}

function required(node: NodeView, name: string, length?: number): readonly number[] {
  const values = node.ints(name);
  if (values === undefined || (length !== undefined && values.length !== length))
    throw new TreeError(`attribute "${name}" is missing or of another length than its fellows`);
  return values;
}

/** One key for a tree's and a node's number. */
const keyOf = (tree: number, node: number): number => tree * 2 ** 26 + node;

/** Leaves' weights in order of their nodes, out of a list in any order. */
function groupWeights(
  count: number,
  nodes: readonly number[],
  targets: readonly number[],
  values: readonly number[],
): Pick<Ensemble, 'weightStart' | 'weights' | 'weightTarget'> {
  const weightStart = new Int32Array(count + 1);
  for (const node of nodes) weightStart[node + 1] = (weightStart[node + 1] as number) + 1;
  for (let node = 0; node < count; node++) weightStart[node + 1] = (weightStart[node + 1] as number) + (weightStart[node] as number);
  const next = weightStart.slice();
  const weights = new Float64Array(nodes.length);
  const weightTarget = new Int32Array(nodes.length);
  nodes.forEach((node, index) => {
    const at = next[node] as number;
    next[node] = at + 1;
    weights[at] = values[index] as number;
    weightTarget[at] = targets[index] as number;
  });
  return { weightStart, weights, weightTarget };
}

/** Reads a node's trees; `prefix` is `class` or `target`, `targets` how many sums a row gets. Throws `TreeError`, `UnsupportedError`. */
export function readOnnxTrees(node: NodeView, prefix: 'class' | 'target', targets: number): OnnxTrees {
  const treeIds = required(node, 'nodes_treeids');
  const count = treeIds.length;
  if (count > MOST_TREE_NODES) throw new UnsupportedError(`${count} tree nodes`);
  const nodeIds = required(node, 'nodes_nodeids', count);
  const feature = Int32Array.from(required(node, 'nodes_featureids', count));
  const names = node.strings('nodes_modes') ?? [];
  const threshold = Float64Array.from(numbersOf(node, 'nodes_values') ?? []);
  if (names.length !== count || threshold.length !== count)
    throw new TreeError('"nodes_modes" or "nodes_values" is of another length than its fellows');
  const tracks = node.ints('nodes_missing_value_tracks_true') ?? [];
  const index = new Map<number, number>();
  treeIds.forEach((tree, at) => index.set(keyOf(tree, nodeIds[at] as number), at));
  if (index.size !== count) throw new TreeError('two nodes of a tree have one number');
  const find = (tree: number, id: number): number => index.get(keyOf(tree, id)) ?? -1;

  const asked = Uint8Array.from(names, (name) => {
    const found = modes[name];
    if (found === undefined) throw new UnsupportedError(`tree mode ${name}`);
    return found;
  });
  const trueIds = required(node, 'nodes_truenodeids', count);
  const falseIds = required(node, 'nodes_falsenodeids', count);
  const whenTrue = new Int32Array(count);
  const whenFalse = new Int32Array(count);
  const rules = new Uint8Array(count);
  const isChild = new Uint8Array(count);
  for (let at = 0; at < count; at++) {
    if (asked[at] === mode.leaf) continue;
    const tree = treeIds[at] as number;
    whenTrue[at] = find(tree, trueIds[at] as number);
    whenFalse[at] = find(tree, falseIds[at] as number);
    isChild[whenTrue[at] as number] = 1;
    isChild[whenFalse[at] as number] = 1;
    // Without the mark NaN compares as IEEE says: only ≠ holds.
    rules[at] = tracks[at] === 1 || asked[at] === mode.notEqual ? missing.nanTrue : 0;
  }
  const roots: number[] = [];
  for (let at = 0; at < count; at++) if (isChild[at] === 0) roots.push(at);
  if (new Set(roots.map((at) => treeIds[at])).size !== roots.length) throw new TreeError('a tree has several roots');

  const weightTrees = required(node, `${prefix}_treeids`);
  const weightNodes = required(node, `${prefix}_nodeids`, weightTrees.length);
  const ids = required(node, `${prefix}_ids`, weightTrees.length);
  const values = numbersOf(node, `${prefix}_weights`) ?? [];
  if (values.length !== weightTrees.length) throw new TreeError(`"${prefix}_weights" is of another length than its fellows`);
  const leaves = weightTrees.map((tree, at) => find(tree, weightNodes[at] as number));
  if (leaves.some((leaf) => leaf === -1 || asked[leaf] !== mode.leaf)) throw new TreeError('a weight belongs to no leaf');

  return {
    features: feature.reduce((most, column, at) => (asked[at] === mode.leaf ? most : Math.max(most, column)), 0) + 1,
    targets,
    roots: Int32Array.from(roots),
    modes: asked,
    feature,
    threshold,
    whenTrue,
    whenFalse,
    missing: rules,
    ...groupWeights(count, leaves, ids, values),
    cover: null,
    sets: [],
  };
}

/** The trees for an input of a type: FP32 compares floats, so thresholds are rounded; FP64 compares with what the file holds. */
export function toEnsemble(trees: OnnxTrees, comparison: 'FP32' | 'FP64'): Ensemble {
  return { ...trees, comparison, threshold: comparison === 'FP32' ? trees.threshold.map(Math.fround) : trees.threshold };
}

/** Thresholds by column, at most `most` of each: what a row must hold to meet the borders. */
export function thresholdsOf(trees: OnnxTrees, most: number): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  trees.modes.forEach((asked, at) => {
    if (asked === mode.leaf) return;
    const column = trees.feature[at] as number;
    const values = found.get(column) ?? [];
    if (values.length < most) found.set(column, [...values, trees.threshold[at] as number]);
  });
  return found;
}
