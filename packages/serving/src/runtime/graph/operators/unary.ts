import type { Value } from '../graph.ts';
import type { Operator } from './operator.ts';
import { UnsupportedError, numbersOf } from '../graph.ts';
import { given, numbers, unaryKernel } from './operator.ts';

/** Each element by itself, in the kind that it has. */
function each(f: (x: number) => number): Operator {
  return () =>
    unaryKernel((value) => {
      const from = numbers(value);
      if (value.kind === 'BYTES') throw new UnsupportedError('texts have no arithmetic');
      const data = numbersOf(value.kind, from.length);
      for (let index = 0; index < from.length; index++) data[index] = f(from[index] as number);
      return { kind: value.kind, shape: value.shape, data };
    });
}

function toBool(f: (x: number) => boolean): Operator {
  return () =>
    unaryKernel((value) => {
      const from = numbers(value);
      const data = new Uint8Array(from.length);
      for (let index = 0; index < from.length; index++) data[index] = f(from[index] as number) ? 1 : 0;
      return { kind: 'BOOL', shape: value.shape, data };
    });
}

/** 1 / (1 + e^−x), without overflow for either sign. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const power = Math.exp(x);
  return power / (1 + power);
}

/**
 * The error function to about 1e-15: its series for small x, the continued fraction of erfc beyond (Abramowitz and Stegun, 7.1.6 and 7.1.14).
 */
function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  if (size > 6) return Math.sign(x);
  const gauss = Math.exp(-size * size) / Math.sqrt(Math.PI);
  let result: number;
  if (size < 2.5) {
    let term = size;
    let sum = size;
    for (let n = 1; term > 1e-17 * sum; n++) {
      term *= (2 * size * size) / (2 * n + 1);
      sum += term;
    }
    result = 2 * gauss * sum;
  } else {
    let fraction = 0;
    for (let n = 60; n > 0; n--) fraction = n / 2 / (size + fraction);
    result = 1 - gauss / (size + fraction);
  }
  return x < 0 ? -result : result;
}

/** Limits are attributes before version 11 and inputs from then on. */
const clip: Operator = (node) => {
  const low = node.float('min', -Infinity);
  const high = node.float('max', Infinity);
  return {
    run: ([input, minimum, maximum]) => {
      const value = given(input, 0);
      if (value.kind === 'BYTES') throw new UnsupportedError('texts have no limits');
      const least = minimum === undefined ? low : (numbers(minimum)[0] ?? low);
      const most = maximum === undefined ? high : (numbers(maximum)[0] ?? high);
      const from = numbers(value);
      const data = numbersOf(value.kind, from.length);
      for (let index = 0; index < from.length; index++) data[index] = Math.min(most, Math.max(least, from[index] as number));
      return [{ kind: value.kind, shape: value.shape, data } satisfies Value];
    },
  };
};

export const unary: Readonly<Record<string, Operator>> = {
  Abs: each(Math.abs),
  Neg: each((x) => -x),
  Sqrt: each(Math.sqrt),
  Exp: each(Math.exp),
  Log: each(Math.log),
  Floor: each(Math.floor),
  Ceil: each(Math.ceil),
  Reciprocal: each((x) => 1 / x),
  Sigmoid: each(sigmoid),
  Tanh: each(Math.tanh),
  Erf: each(erf),
  Sign: each(Math.sign),
  Relu: each((x) => (x > 0 ? x : x === x ? 0 : NaN)),
  Softplus: each((x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)))),
  Not: toBool((x) => x === 0),
  IsNaN: toBool((x) => x !== x),
  Identity: () => unaryKernel((value) => value),
  Clip: clip,
};
