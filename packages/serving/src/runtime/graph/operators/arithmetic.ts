import type { Kind, Value } from '../graph.ts';
import type { Kernel, Operator } from './operator.ts';
import { countOf, isTexts, numbersOf } from '../graph.ts';
import { broadcastIndex, broadcastShape, elementwise, equal } from './broadcast.ts';
import { given, isFloat, numbers } from './operator.ts';

type Numeric = Exclude<Kind, 'BYTES'>;

function kindOf(value: Value): Numeric {
  if (value.kind === 'BYTES') throw new Error('texts where numbers are needed');
  return value.kind;
}

function binary(f: (kind: Numeric) => (x: number, y: number) => number): Operator {
  return () => ({
    run: ([a, b]) => {
      const left = given(a, 0);
      const kind = kindOf(left);
      return [elementwise(left, given(b, 1), kind, f(kind))];
    },
  });
}

function comparison(f: (x: number, y: number) => boolean): Operator {
  return () => ({ run: ([a, b]) => [elementwise(given(a, 0), given(b, 1), 'BOOL', (x, y) => Number(f(x, y)))] });
}

/** Max and Min of any number of tensors; NaN wins, as it does in Math.max and Math.min. */
function extreme(f: (x: number, y: number) => number): Operator {
  return () => ({
    run: (inputs) => [inputs.map((value, index) => given(value, index)).reduce((best, value) => elementwise(best, value, kindOf(best), f))],
  });
}

const where: Kernel = {
  run: ([condition, a, b]) => {
    const test = given(condition, 0);
    const left = given(a, 1);
    const right = given(b, 2);
    const shape = broadcastShape(test.shape, broadcastShape(left.shape, right.shape));
    const asked = numbers(test);
    const [toTest, toLeft, toRight] = [test, left, right].map((value) => broadcastIndex(value.shape, shape));
    const count = countOf(shape);
    const pick = <T>(x: ArrayLike<T>, y: ArrayLike<T>, index: number): T =>
      (asked[toTest?.[index] ?? index] === 0 ? y[toRight?.[index] ?? index] : x[toLeft?.[index] ?? index]) as T;
    if (isTexts(left.data) && isTexts(right.data)) {
      const [x, y] = [left.data, right.data];
      return [{ kind: 'BYTES', shape, data: Array.from({ length: count }, (_, index) => pick(x, y, index)) }];
    }
    const kind = kindOf(left);
    const data = numbersOf(kind, count);
    const [x, y] = [numbers(left), numbers(right)];
    for (let index = 0; index < count; index++) data[index] = pick(x, y, index);
    return [{ kind, shape, data }];
  },
};

/** Integers divide towards zero. */
const divide = (kind: Numeric) => (isFloat(kind) ? (x: number, y: number) => x / y : (x: number, y: number) => Math.trunc(x / y));

/** A base of integers keeps its kind, whatever the exponent's. */
const power = (kind: Numeric) => (isFloat(kind) ? (x: number, y: number) => x ** y : (x: number, y: number) => Math.trunc(x ** y));

export const arithmetic: Readonly<Record<string, Operator>> = {
  Add: binary(() => (x, y) => x + y),
  Sub: binary(() => (x, y) => x - y),
  Mul: binary(() => (x, y) => x * y),
  Div: binary(divide),
  Pow: binary(power),
  And: comparison((x, y) => x !== 0 && y !== 0),
  Or: comparison((x, y) => x !== 0 || y !== 0),
  Xor: comparison((x, y) => (x !== 0) !== (y !== 0)),
  Less: comparison((x, y) => x < y),
  LessOrEqual: comparison((x, y) => x <= y),
  Greater: comparison((x, y) => x > y),
  GreaterOrEqual: comparison((x, y) => x >= y),
  Equal: () => ({ run: ([a, b]) => [equal(given(a, 0), given(b, 1))] }),
  Max: extreme(Math.max),
  Min: extreme(Math.min),
  Sum: extreme((x, y) => x + y),
  Where: () => where,
};
