import type { Value } from '../graph.ts';
import type { Operator } from './operator.ts';
import { UnsupportedError, countOf, numbersOf } from '../graph.ts';
import { broadcastIndex } from './broadcast.ts';
import { given, numbers } from './operator.ts';

/** Multiplications a row at most: a larger product is a neural net's, which ONNX Runtime is faster at. */
const MOST_WEIGHTS = 1 << 17;

/** [m, k] × [k, n], summed in doubles. */
function multiply(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  out: Float32Array | Float64Array | Uint8Array,
  m: number,
  k: number,
  n: number,
): void {
  const sums = new Float64Array(n);
  for (let row = 0; row < m; row++) {
    sums.fill(0);
    for (let inner = 0; inner < k; inner++) {
      const factor = a[row * k + inner] as number;
      const start = inner * n;
      for (let column = 0; column < n; column++) sums[column] = (sums[column] as number) + factor * (b[start + column] as number);
    }
    out.set(sums, row * n);
  }
}

function floatKind(value: Value, op: string): 'FP32' | 'FP64' {
  if (value.kind !== 'FP32' && value.kind !== 'FP64') throw new UnsupportedError(`${op} of ${value.kind}`);
  return value.kind;
}

/** A matrix, or a stack of them, times one matrix. */
const matMul: Operator = () => ({
  run: ([first, second]) => {
    const a = given(first, 0);
    const b = given(second, 1);
    const kind = floatKind(a, 'MatMul');
    if (b.shape.length > 2 || a.shape.length === 0 || b.shape.length === 0) throw new UnsupportedError('MatMul of stacks of matrices');
    const [k = 1, n = 1] = b.shape;
    if (a.shape.at(-1) !== k) throw new Error(`MatMul of [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
    if (k * n > MOST_WEIGHTS) throw new UnsupportedError(`MatMul with ${k} × ${n} weights`);
    const lead = a.shape.slice(0, -1);
    const m = countOf(lead);
    const data = numbersOf(kind, m * n);
    multiply(numbers(a), numbers(b), data, m, k, n);
    return [{ kind, shape: b.shape.length === 1 ? lead : [...lead, n], data }];
  },
});

function transposed(data: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[column * rows + row] = data[row * columns + column] as number;
  return out;
}

/** alpha · A' · B' + beta · C */
const gemm: Operator = (node) => {
  const alpha = node.float('alpha', 1);
  const beta = node.float('beta', 1);
  const [transA, transB] = [node.int('transA', 0) !== 0, node.int('transB', 0) !== 0];
  return {
    run: ([first, second, third]) => {
      const a = given(first, 0);
      const b = given(second, 1);
      const kind = floatKind(a, 'Gemm');
      const [rowsA = 1, columnsA = 1] = a.shape;
      const [rowsB = 1, columnsB = 1] = b.shape;
      const [m, k] = transA ? [columnsA, rowsA] : [rowsA, columnsA];
      const n = transB ? rowsB : columnsB;
      if (k !== (transB ? columnsB : rowsB) || a.shape.length !== 2 || b.shape.length !== 2)
        throw new Error(`Gemm of [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
      if (k * n > MOST_WEIGHTS) throw new UnsupportedError(`Gemm with ${k} × ${n} weights`);
      const product = new Float64Array(m * n);
      multiply(
        transA ? transposed(numbers(a), rowsA, columnsA) : numbers(a),
        transB ? transposed(numbers(b), rowsB, columnsB) : numbers(b),
        product,
        m,
        k,
        n,
      );
      const data = numbersOf(kind, m * n);
      const add = third === undefined ? undefined : numbers(third);
      const index = third === undefined ? undefined : broadcastIndex(third.shape, [m, n]);
      for (let at = 0; at < data.length; at++)
        data[at] = alpha * (product[at] as number) + (add === undefined ? 0 : beta * (add[index?.[at] ?? at] as number));
      return [{ kind, shape: [m, n], data }];
    },
  };
};

export const matrix: Readonly<Record<string, Operator>> = { MatMul: matMul, Gemm: gemm };
