import type { JsonObject, JsonValue } from '../ports/json.ts';

/** A stated distribution: shares of cells between rising edges (the ends may be infinite), or of values. */
export type Partition =
  | {
      readonly kind: 'bins';
      /** One more than the weights; the first may be −∞ and the last +∞. */
      readonly bins: readonly number[];
      readonly weights: readonly number[];
      /** Shares expected below and above the bins. */
      readonly tails: readonly [number, number];
      readonly internalHoldout: number;
    }
  | {
      readonly kind: 'values';
      readonly values: readonly (string | number | boolean)[];
      readonly weights: readonly number[];
      readonly tailHoldout: number;
    };

const MOST_CELLS = 256;

/** Reads `partition_object` with the holdouts beside it. Throws RangeError. */
export function readPartition(kwargs: JsonObject): Partition {
  const object = kwargs['partition_object'];
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    throw new RangeError('"partition_object" must be an object with bins or values, and weights');
  const partition = object as JsonObject;
  const tailHoldout = share(kwargs, 'tail_weight_holdout');
  const internalHoldout = share(kwargs, 'internal_weight_holdout');
  const weights = numbers(partition['weights'], 'weights');
  if (weights.some((weight) => weight < 0)) throw new RangeError('"weights" of the partition must not be negative');
  const tails =
    partition['tail_weights'] === undefined || partition['tail_weights'] === null
      ? undefined
      : numbers(partition['tail_weights'], 'tail_weights');
  const sum = [...weights, ...(tails ?? [])].reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) > 1e-6) throw new RangeError(`the weights of the partition must sum to 1, not ${sum}`);
  const values = partition['values'];
  if (Array.isArray(values)) {
    if (internalHoldout > 0) throw new RangeError('"internal_weight_holdout" is for bins, not for values');
    if (values.length !== weights.length) throw new RangeError(`the partition has ${values.length} values and ${weights.length} weights`);
    if (!values.every((value) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'))
      throw new RangeError('"values" of the partition must be texts, numbers or booleans');
    if (values.length > MOST_CELLS * 16) throw new RangeError(`a partition has at most ${MOST_CELLS * 16} values`);
    return { kind: 'values', values: values as readonly (string | number | boolean)[], weights, tailHoldout };
  }
  return toBins(partition, weights, { tails, tailHoldout, internalHoldout });
}

function toBins(
  partition: JsonObject,
  weights: readonly number[],
  {
    tails,
    tailHoldout,
    internalHoldout,
  }: { readonly tails: readonly number[] | undefined; readonly tailHoldout: number; readonly internalHoldout: number },
): Partition {
  const bins = numbers(partition['bins'], 'bins');
  if (bins.length !== weights.length + 1)
    throw new RangeError(`the partition has ${bins.length} edges for ${weights.length} weights; it needs one more than weights`);
  if (bins.length > MOST_CELLS + 1) throw new RangeError(`a partition has at most ${MOST_CELLS} bins`);
  if (bins.some((edge, index) => index > 0 && edge <= (bins[index - 1] as number)))
    throw new RangeError('the edges of the partition must rise');
  const openBelow = bins[0] === -Infinity;
  const openAbove = bins.at(-1) === Infinity;
  if (tails !== undefined) {
    if (tailHoldout > 0) throw new RangeError('"tail_weight_holdout" must be 0 beside "tail_weights"');
    if (openBelow || openAbove) throw new RangeError('a partition with an infinite end has no "tail_weights"');
    if (tails.length !== 2) throw new RangeError('"tail_weights" must be two numbers');
  }
  if (openBelow && openAbove && tailHoldout > 0) throw new RangeError('"tail_weight_holdout" is for partitions with a finite end');
  const held: readonly [number, number] =
    tails !== undefined
      ? [tails[0] as number, tails[1] as number]
      : openBelow
        ? [0, tailHoldout]
        : openAbove
          ? [tailHoldout, 0]
          : [tailHoldout / 2, tailHoldout / 2];
  return {
    kind: 'bins',
    bins,
    weights: weights.map((weight) => weight * (1 - tailHoldout - internalHoldout)),
    tails: held,
    internalHoldout,
  };
}

function share(kwargs: JsonObject, name: string): number {
  const value = kwargs[name] ?? 0;
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw new RangeError(`"${name}" must lie between 0 and 1`);
  return value;
}

function numbers(value: JsonValue | undefined, name: string): readonly number[] {
  const list = Array.isArray(value) ? (value as readonly JsonValue[]).map(toNumber) : [];
  if (list.length === 0 || list.some(Number.isNaN)) throw new RangeError(`"${name}" of the partition must be a list of numbers`);
  return list;
}

/** Infinite ends come as text, since JSON has no number for them. */
function toNumber(value: JsonValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^[+-]?inf(inity)?$/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity;
  return Number.NaN;
}

/** Shares of cells observed and expected, in one order; each is normalised to 1 where it is compared. */
export interface Shares {
  readonly observed: readonly number[];
  readonly expected: readonly number[];
}

/** `counts` of the bins with what lies below the first and above the last around them. */
export function toBinShares(partition: Extract<Partition, { kind: 'bins' }>, counts: readonly number[]): Shares {
  const zero = partition.weights.filter((weight) => weight === 0).length;
  const weights = partition.weights.map((weight) => (weight === 0 && zero > 0 ? partition.internalHoldout / zero : weight));
  const open = { below: partition.bins[0] === -Infinity, above: partition.bins.at(-1) === Infinity };
  const cut = (cells: readonly number[]): readonly number[] => cells.slice(open.below ? 1 : 0, open.above ? -1 : undefined);
  return { observed: cut(counts), expected: cut([partition.tails[0], ...weights, partition.tails[1]]) };
}

/** What was seen and not expected shares the tail holdout; what was expected and not seen has the share 0. */
export function toValueShares(
  partition: Extract<Partition, { kind: 'values' }>,
  seen: readonly { readonly value: unknown; readonly count: number }[],
): Shares {
  const counts = new Map(seen.map((one) => [one.value, one.count]));
  const expectedValues = new Set<unknown>(partition.values);
  const beyond = seen.filter((one) => !expectedValues.has(one.value));
  const scale = beyond.length > 0 ? 1 - partition.tailHoldout : 1;
  return {
    observed: [...partition.values.map((value) => counts.get(value) ?? 0), ...beyond.map((one) => one.count)],
    expected: [...partition.weights.map((weight) => weight * scale), ...beyond.map(() => partition.tailHoldout / beyond.length)],
  };
}

/** Kullback–Leibler divergence of what was observed from what was expected, natural logarithm, both normalised; infinite where a cell was not expected at all, NaN of nothing. */
export function klDivergence({ observed, expected }: Shares): number {
  const total = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0);
  const [p, q] = [total(observed), total(expected)];
  if (p === 0 || q === 0) return Number.NaN;
  return observed.reduce(
    (sum, count, cell) => (count === 0 ? sum : sum + (count / p) * Math.log(count / p / ((expected[cell] as number) / q))),
    0,
  );
}
