/** Whether two engines give the same answers, as far as single precision goes. */
import type { Columns, Tensor, TensorSpec } from '../../tensor/tensor.ts';
import { isText } from '../../tensor/tensor.ts';

/** Relative for what is larger than 1: both sum a few hundred floats, in another order. */
const TOLERANCE = 1e-5;
/** Relative to the largest score of all: where large terms cancel, their rounding is left. */
const CANCELLATION = 2e-6;
/** Rows whose label may differ because their scores stand at the border, as a share. */
const MOST_BORDER = 0.05;

const isScore = (tensor: Tensor): boolean => tensor.datatype === 'FP32' || tensor.datatype === 'FP64';

function agree(a: number, b: number, largest: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b)) + CANCELLATION * largest;
}

function largestOf({ data }: Tensor): number {
  let most = 0;
  for (const value of data) if (Number.isFinite(value)) most = Math.max(most, Math.abs(Number(value)));
  return most;
}

/** Whether the two best scores of a row are as good as equal, or its only one stands at a border. */
function isBorder(scores: readonly Tensor[], row: number): boolean {
  return scores.some((tensor) => {
    const width = tensor.data.length / (tensor.shape[0] ?? 1);
    const of = Array.from({ length: width }, (_, at) => Number(tensor.data[row * width + at])).toSorted((a, b) => b - a);
    const [first = 0, second] = of;
    const gap = second === undefined ? Math.min(Math.abs(first), Math.abs(first - 0.5)) : first - second;
    return !(gap > 2 * TOLERANCE);
  });
}

/** Where the answers differ, in words without values; undefined: they agree. */
export function findDifference(outputs: readonly TensorSpec[], ours: Columns, theirs: Columns): string | undefined {
  const scores = outputs.map(({ name }) => ours[name] as Tensor).filter(isScore);
  let border = 0;
  for (const { name } of outputs) {
    const mine = ours[name] as Tensor;
    const other = theirs[name] as Tensor;
    if (mine.datatype !== other.datatype || mine.shape.join() !== other.shape.join())
      return `output "${name}" is ${mine.datatype} [${mine.shape.join(', ')}] and not ${other.datatype} [${other.shape.join(', ')}]`;
    const rows = mine.shape[0] ?? 1;
    const width = mine.data.length / Math.max(1, rows);
    const largest = isScore(other) ? largestOf(other) : 0;
    for (let at = 0; at < mine.data.length; at++) {
      const a = mine.data[at];
      const b = other.data[at];
      if (isScore(mine) && !isText(mine.data) ? agree(Number(a), Number(b), largest) : a === b) continue;
      if (isScore(mine) || !isBorder(scores, Math.floor(at / width))) return `output "${name}" differs in row ${Math.floor(at / width)}`;
      border += 1;
      if (border > rows * MOST_BORDER) return `output "${name}" differs in many rows whose scores are near a border`;
    }
  }
  return undefined;
}
