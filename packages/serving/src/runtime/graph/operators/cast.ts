import type { Kind, Value, ValueData } from '../graph.ts';
import type { Operator } from './operator.ts';
import { UnsupportedError, isTexts, numbersOf } from '../graph.ts';
import { unaryKernel } from './operator.ts';
import { kindOfType } from '../onnx-tensor.ts';

/** A float as ONNX Runtime writes it: C's `%.8g`, with its own words for what is no number. */
function toDecimal(x: number): string {
  if (Number.isNaN(x)) return 'NaN';
  if (!Number.isFinite(x)) return x > 0 ? 'INF' : '-INF';
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  const [digits = '', power = '0'] = x.toExponential(7).split('e');
  const exponent = Number(power);
  const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent < -4 || exponent >= 8) {
    return `${trim(digits)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return trim(x.toFixed(7 - exponent));
}

/** A number out of a text, as C's strtod takes it. Throws for what is none. */
function fromDecimal(text: string): number {
  const word = text.trim();
  const special = /^([+-]?)(nan|inf|infinity)$/i.exec(word);
  if (special !== null) return special[2]?.toLowerCase() === 'nan' ? NaN : special[1] === '-' ? -Infinity : Infinity;
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : NaN;
  if (Number.isNaN(number)) throw new Error('a text is no number');
  return number;
}

const smallest = { INT32: -(2 ** 31), INT64: -(2 ** 63) } as const;
const largest = { INT32: 2 ** 31 - 1, INT64: 2 ** 63 } as const;

/** Towards zero; what does not fit is the smallest integer, as the processor's own instruction gives it. */
function toInteger(x: number, kind: 'INT32' | 'INT64'): number {
  const whole = Math.trunc(x);
  return whole >= smallest[kind] && whole <= largest[kind] ? whole + 0 : smallest[kind];
}

function toNumbers(data: ValueData, kind: Exclude<Kind, 'BYTES'>): ValueData {
  const out = numbersOf(kind, data.length);
  const read = isTexts(data)
    ? (index: number): number => fromDecimal(data[index] as string)
    : (index: number): number => data[index] as number;
  for (let index = 0; index < out.length; index++) {
    const x = read(index);
    out[index] = kind === 'BOOL' ? Number(x !== 0) : kind === 'INT32' || kind === 'INT64' ? toInteger(x, kind) : x;
  }
  return out;
}

function toTexts(value: Value): readonly string[] {
  if (isTexts(value.data)) return value.data;
  const isFraction = value.kind === 'FP32' || value.kind === 'FP64';
  return Array.from(value.data, isFraction ? toDecimal : String);
}

const castTo = (value: Value, kind: Kind): Value => {
  if (value.kind === kind) return value;
  return { kind, shape: value.shape, data: kind === 'BYTES' ? toTexts(value) : toNumbers(value.data, kind) };
};

export const cast: Readonly<Record<string, Operator>> = {
  Cast: (node) => {
    const to = node.int('to', 0);
    if (to === 0) throw new UnsupportedError('Cast without "to"');
    const kind = kindOfType(to, 'Cast');
    return unaryKernel((value) => castTo(value, kind));
  },
};
