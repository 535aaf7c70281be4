/**
 * Exact Shapley values of trees, path-dependent: how much each feature moved a row's sum away from what is expected of a row (Lundberg, Erion, Lee: "Consistent individualized
 * feature attribution for tree ensembles", 2018, algorithm 2). A feature that is not known is averaged over by how many rows of training went each way.
 */
import type { Ensemble } from './ensemble.ts';
import { asks, mode } from './ensemble.ts';

/** The features met on the way to a node: of each, the share of training rows that went on, whether the row itself did, and the sum of weights of subsets by size. */
interface Path {
  readonly feature: Int32Array;
  readonly zero: Float64Array;
  readonly one: Float64Array;
  readonly weight: Float64Array;
}

const newPath = (length: number): Path => ({
  feature: new Int32Array(length),
  zero: new Float64Array(length),
  one: new Float64Array(length),
  weight: new Float64Array(length),
});

function extend(path: Path, depth: number, zero: number, one: number, feature: number): void {
  const { weight } = path;
  path.feature[depth] = feature;
  path.zero[depth] = zero;
  path.one[depth] = one;
  weight[depth] = depth === 0 ? 1 : 0;
  for (let at = depth - 1; at >= 0; at--) {
    weight[at + 1] = (weight[at + 1] as number) + (one * (weight[at] as number) * (at + 1)) / (depth + 1);
    weight[at] = (zero * (weight[at] as number) * (depth - at)) / (depth + 1);
  }
}

function unwind(path: Path, depth: number, index: number): void {
  const { weight } = path;
  const [one, zero] = [path.one[index] as number, path.zero[index] as number];
  let next = weight[depth] as number;
  for (let at = depth - 1; at >= 0; at--) {
    if (one === 0) {
      weight[at] = ((weight[at] as number) * (depth + 1)) / (zero * (depth - at));
    } else {
      const before = weight[at] as number;
      weight[at] = (next * (depth + 1)) / ((at + 1) * one);
      next = before - ((weight[at] as number) * zero * (depth - at)) / (depth + 1);
    }
  }
  for (let at = index; at < depth; at++) {
    path.feature[at] = path.feature[at + 1] as number;
    path.zero[at] = path.zero[at + 1] as number;
    path.one[at] = path.one[at + 1] as number;
  }
}

/** Sum of the weights that remain when a feature is taken off the path. */
function unwoundSum(path: Path, depth: number, index: number): number {
  const [one, zero] = [path.one[index] as number, path.zero[index] as number];
  let next = path.weight[depth] as number;
  let total = 0;
  for (let at = depth - 1; at >= 0; at--) {
    const weight = path.weight[at] as number;
    if (one !== 0) {
      const part = (next * (depth + 1)) / ((at + 1) * one);
      total += part;
      next = weight - (part * zero * (depth - at)) / (depth + 1);
    } else {
      total += (weight * (depth + 1)) / (zero * (depth - at));
    }
  }
  return total;
}

function copyOf(path: Path, length: number): Path {
  const copy = newPath(length + 2);
  for (const part of ['feature', 'zero', 'one', 'weight'] as const) copy[part].set(path[part].subarray(0, length));
  return copy;
}

export interface TreeShap {
  /**
   * Contributions of one row, [targets, features + 1]: of each feature, then what is expected of a row that nothing is known of. They add up to the row's sums. `row` holds
   * features of the ensemble's comparison type.
   */
  explain(row: Float32Array | Float64Array): Float64Array;
}

/** Undefined: the file does not tell how many rows of training reached each node. */
export function createTreeShap(ensemble: Ensemble): TreeShap | undefined {
  const { cover, roots, modes, feature, features, targets, whenTrue, whenFalse, weightStart, weights, weightTarget } = ensemble;
  if (cover === null) return undefined;
  const width = features + 1;
  const expected = new Float64Array(targets);
  for (const root of roots) {
    const open = [root];
    while (open.length > 0) {
      const node = open.pop() as number;
      if (modes[node] !== mode.leaf) open.push(whenTrue[node] as number, whenFalse[node] as number);
      else
        for (let at = weightStart[node] as number; at < (weightStart[node + 1] as number); at++) {
          const target = weightTarget[at] as number;
          expected[target] = (expected[target] as number) + ((weights[at] as number) * (cover[node] as number)) / (cover[root] as number);
        }
    }
  }

  return {
    explain: (row) => {
      const found = new Float64Array(targets * width);
      for (let target = 0; target < targets; target++) found[target * width + features] = expected[target] as number;

      const descend = (node: number, parent: Path, length: number, zero: number, one: number, by: number): void => {
        const path = copyOf(parent, length);
        extend(path, length, zero, one, by);
        if (modes[node] === mode.leaf) {
          for (let index = 1; index <= length; index++) {
            const share = unwoundSum(path, length, index) * ((path.one[index] as number) - (path.zero[index] as number));
            for (let at = weightStart[node] as number; at < (weightStart[node + 1] as number); at++) {
              const place = (weightTarget[at] as number) * width + (path.feature[index] as number);
              found[place] = (found[place] as number) + share * (weights[at] as number);
            }
          }
          return;
        }
        const column = feature[node] as number;
        const yes = asks(ensemble, node, row[column] as number);
        const [hot, cold] = (yes ? [whenTrue[node], whenFalse[node]] : [whenFalse[node], whenTrue[node]]) as [number, number];
        let [deeper, incomingZero, incomingOne] = [length + 1, 1, 1];
        // A feature asked again on the same path counts once: what it said before is taken back.
        for (let index = 1; index <= length; index++) {
          if (path.feature[index] !== column) continue;
          incomingZero = path.zero[index] as number;
          incomingOne = path.one[index] as number;
          unwind(path, length, index);
          deeper -= 1;
          break;
        }
        const rows = cover[node] as number;
        descend(hot, path, deeper, ((cover[hot] as number) / rows) * incomingZero, incomingOne, column);
        descend(cold, path, deeper, ((cover[cold] as number) / rows) * incomingZero, 0, column);
      };
      for (const root of roots) descend(root, newPath(1), 0, 1, 1, -1);
      return found;
    },
  };
}
