import type { Kind, Value } from '../graph.ts';
import { countOf, isTexts, numbersOf } from '../graph.ts';

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The shape that two shapes become together (ONNX "multidirectional broadcasting"). */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new Error(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not fit each other`);
    return left === 1 ? right : left;
  });
}

/** For each element of `shape`, the index of the element of a tensor of shape `from` that stands there; undefined: the tensors are alike. */
export function broadcastIndex(from: readonly number[], shape: readonly number[]): Int32Array | undefined {
  if (sameShape(from, shape)) return undefined;
  const index = new Int32Array(countOf(shape));
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = from[axis - shape.length + from.length] ?? 1;
    strides[axis] = size === 1 ? 0 : stride;
    stride *= size;
  }
  const position = new Array<number>(shape.length).fill(0);
  let at = 0;
  for (let element = 0; element < index.length; element++) {
    index[element] = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis] = (position[axis] as number) + 1;
      at += strides[axis] as number;
      if ((position[axis] as number) < (shape[axis] as number)) break;
      at -= (strides[axis] as number) * (shape[axis] as number);
      position[axis] = 0;
    }
  }
  return index;
}

type Combine<T> = (a: T, b: T) => number;

function combine<T>(
  a: ArrayLike<T>,
  b: ArrayLike<T>,
  out: Float32Array | Float64Array | Uint8Array,
  left: Value,
  right: Value,
  shape: readonly number[],
  f: Combine<T>,
): void {
  const { length } = out;
  // The usual cases, which need no table: alike, one number, one row of numbers.
  if (a.length === length && b.length === length) {
    for (let index = 0; index < length; index++) out[index] = f(a[index] as T, b[index] as T);
  } else if (a.length === length && isTail(right.shape, shape)) {
    const width = b.length;
    for (let index = 0; index < length; index++) out[index] = f(a[index] as T, b[index % width] as T);
  } else if (b.length === length && isTail(left.shape, shape)) {
    const width = a.length;
    for (let index = 0; index < length; index++) out[index] = f(a[index % width] as T, b[index] as T);
  } else {
    const toLeft = broadcastIndex(left.shape, shape);
    const toRight = broadcastIndex(right.shape, shape);
    for (let index = 0; index < length; index++) out[index] = f(a[toLeft?.[index] ?? index] as T, b[toRight?.[index] ?? index] as T);
  }
}

/** Whether a shape, leading ones aside, is the end of another. */
function isTail(shape: readonly number[], of: readonly number[]): boolean {
  const start = shape.findIndex((size) => size !== 1);
  const tail = start === -1 ? [] : shape.slice(start);
  return tail.every((size, axis) => size === of[of.length - tail.length + axis]);
}

/** Two tensors element by element, broadcast; the result is rounded to its kind. */
export function elementwise(a: Value, b: Value, kind: Exclude<Kind, 'BYTES'>, f: Combine<number>): Value {
  const shape = broadcastShape(a.shape, b.shape);
  const data = numbersOf(kind, countOf(shape));
  if (isTexts(a.data) || isTexts(b.data)) throw new Error('texts where numbers are needed');
  combine(a.data, b.data, data, a, b, shape, f);
  return { kind, shape, data };
}

/** Whether elements are equal, of numbers or of texts. */
export function equal(a: Value, b: Value): Value {
  if (!isTexts(a.data) || !isTexts(b.data)) return elementwise(a, b, 'BOOL', (x, y) => Number(x === y));
  const shape = broadcastShape(a.shape, b.shape);
  const data = numbersOf('BOOL', countOf(shape));
  combine<string>(a.data, b.data, data, a, b, shape, (x, y) => Number(x === y));
  return { kind: 'BOOL', shape, data };
}
