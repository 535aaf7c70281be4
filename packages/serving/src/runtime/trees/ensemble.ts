/** Decision trees in flat arrays: what every file format is read into, and every engine runs. */

/** How a node asks its question of a feature x and its threshold t. MEMBER: whether trunc(x) is in a set. */
export const mode = { leaf: 0, lessOrEqual: 1, less: 2, greaterOrEqual: 3, greater: 4, equal: 5, notEqual: 6, member: 7 } as const;

/** What happens to a missing value, already resolved per node: bit 0: NaN takes the true branch; bit 1: a zero (|x| ≤ 1e-35, compared in FP64 only) counts as missing. */
export const missing = { nanTrue: 1, zeroToo: 2 } as const;

export interface Ensemble {
  /** The type that is compared: FP32 rounds both sides to float first. */
  readonly comparison: 'FP32' | 'FP64';
  /** Columns that are asked for: one more than the highest. */
  readonly features: number;
  /** Sums that a row gets. */
  readonly targets: number;
  /** Root of each tree, as an index into the nodes. */
  readonly roots: Int32Array;
  readonly modes: Uint8Array;
  readonly feature: Int32Array;
  /** MEMBER: index of its set. */
  readonly threshold: Float64Array;
  readonly whenTrue: Int32Array;
  readonly whenFalse: Int32Array;
  readonly missing: Uint8Array;
  /** Of a leaf: its weights are `weightStart[i]` to `weightStart[i + 1]` of `weights`; every other node has none. */
  readonly weightStart: Int32Array;
  readonly weights: Float64Array;
  readonly weightTarget: Int32Array;
  /** How many rows of training, or what weight of them, reached each node; null where the file does not tell. */
  readonly cover: Float64Array | null;
  /** Members of each set: bit m is in byte m >> 3. */
  readonly sets: readonly Uint8Array[];
}

/** Nodes at most: larger forests are left to ONNX Runtime. */
export const MOST_TREE_NODES = 2_000_000;

/** What is wrong with a file's trees. */
export class TreeError extends Error {}

/** Depth of the deepest tree, counting a lone leaf as 1. Throws `TreeError` when a path does not end in a leaf, or two paths meet. */
export function checkTrees(ensemble: Ensemble): number {
  const { roots, modes, feature, features, whenTrue, whenFalse, targets, weightTarget } = ensemble;
  const seen = new Uint8Array(modes.length);
  let deepest = 0;
  for (const root of roots) {
    const open: number[] = [root, 1];
    while (open.length > 0) {
      const depth = open.pop() as number;
      const node = open.pop() as number;
      if (node < 0 || node >= modes.length) throw new TreeError('a node points outside its tree');
      if (seen[node] === 1) throw new TreeError('two branches lead to one node');
      seen[node] = 1;
      deepest = Math.max(deepest, depth);
      if (modes[node] === mode.leaf) continue;
      const column = feature[node] as number;
      if (column < 0 || column >= features) throw new TreeError(`a node asks for feature ${column} of ${features}`);
      open.push(whenTrue[node] as number, depth + 1, whenFalse[node] as number, depth + 1);
    }
  }
  if (weightTarget.some((target) => target < 0 || target >= targets)) throw new TreeError('a leaf names a target that does not exist');
  return deepest;
}

function isMember(set: Uint8Array | undefined, value: number): boolean {
  const member = Math.trunc(value);
  if (set === undefined || !(member >= 0) || member >= set.length * 8) return false;
  return (((set[member >> 3] as number) >> (member & 7)) & 1) === 1;
}

/** Whether node `index` sends x to its true branch. */
export function asks(ensemble: Ensemble, index: number, x: number): boolean {
  const rule = ensemble.missing[index] as number;
  if (x !== x || (rule >= missing.zeroToo && Math.abs(x) <= 1e-35)) return (rule & missing.nanTrue) === 1;
  const threshold = ensemble.threshold[index] as number;
  switch (ensemble.modes[index]) {
    case mode.lessOrEqual:
      return x <= threshold;
    case mode.less:
      return x < threshold;
    case mode.greaterOrEqual:
      return x >= threshold;
    case mode.greater:
      return x > threshold;
    case mode.equal:
      return x === threshold;
    case mode.notEqual:
      return x !== threshold;
    default:
      return isMember(ensemble.sets[threshold], x);
  }
}

/** Index of the leaf that a row reaches in a tree. `row` holds the row's features from `offset` on. */
function leafOf(ensemble: Ensemble, root: number, row: Float32Array | Float64Array, offset: number): number {
  let node = root;
  while (ensemble.modes[node] !== mode.leaf) {
    const x = row[offset + (ensemble.feature[node] as number)] as number;
    node = (asks(ensemble, node, x) ? ensemble.whenTrue[node] : ensemble.whenFalse[node]) as number;
  }
  return node;
}

/** Sums rows of trees into a target each. */
export interface TreeEngine {
  readonly name: string;
  /**
   * Sums of `rows` rows into `sums`, [rows, targets]. `data` is [rows, width], row-major, of the ensemble's comparison type; a row has at least
   * the ensemble's features.
   */
  sum(data: Float32Array | Float64Array, rows: number, width: number, sums: Float64Array): void;
}

/** The reference: it walks the arrays. It also runs what is too deep to compile. */
export function createArrayEngine(ensemble: Ensemble): TreeEngine {
  const { targets, roots, weightStart, weights, weightTarget } = ensemble;
  return {
    name: 'arrays',
    sum: (data, rows, width, sums) => {
      sums.fill(0, 0, rows * targets);
      for (let row = 0; row < rows; row++) {
        for (const root of roots) {
          const leaf = leafOf(ensemble, root, data, row * width);
          const until = weightStart[leaf + 1] as number;
          for (let index = weightStart[leaf] as number; index < until; index++) {
            const at = row * targets + (weightTarget[index] as number);
            sums[at] = (sums[at] as number) + (weights[index] as number);
          }
        }
      }
    },
  };
}
