import type { JsonObject, JsonValue } from '../ports/json.ts';
import type { CellValue } from '../serving/types.ts';
import type { Bounds, IgnoreRow } from './assertion.ts';

/** A keyword argument that cannot be: one line for the author of the suite, and which one. */
export class KwargProblem extends RangeError {
  readonly kwarg: string;

  constructor(kwarg: string, problem: string) {
    super(problem);
    this.kwarg = kwarg;
  }
}

/** Reads keyword arguments by name and type. Every reader throws KwargProblem. */
export interface Kwargs {
  /** As they are written. */
  readonly all: JsonObject;
  /** Undefined when absent or null. */
  value(name: string): JsonValue | undefined;
  text(name: string, otherwise?: string): string;
  texts(name: string): readonly string[];
  flag(name: string, otherwise: boolean): boolean;
  /** Whole, from 0; null when absent. */
  index(name: string): number | null;
  number(name: string, otherwise?: number): number;
  /** From 0 to 1. */
  share(name: string, otherwise: number): number;
  /** Milliseconds, from a number and a unit such as `36h`. */
  duration(name: string): number;
  choice<Name extends string>(name: string, names: readonly Name[], otherwise: Name): Name;
  /** A set of plain values; null when absent or null. */
  values(name: string): readonly CellValue[] | null;
  bounds(): Bounds;
  ignore(names: Readonly<Record<string, IgnoreRow>>, otherwise: IgnoreRow): IgnoreRow;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export function toKwargs(kwargs: JsonObject): Kwargs {
  const value = (name: string): JsonValue | undefined => (Object.hasOwn(kwargs, name) && kwargs[name] !== null ? kwargs[name] : undefined);
  const refuse = (name: string, problem: string): KwargProblem => new KwargProblem(name, `"${name}" ${problem}`);

  function text(name: string, otherwise?: string): string {
    const found = value(name) ?? otherwise;
    if (typeof found !== 'string' || found === '') throw refuse(name, 'must be a text');
    return found;
  }

  function texts(name: string): readonly string[] {
    const found = value(name);
    if (!Array.isArray(found) || found.length === 0 || !found.every((item) => typeof item === 'string'))
      throw refuse(name, 'must be a list of texts');
    return found as readonly string[];
  }

  function flag(name: string, otherwise: boolean): boolean {
    const found = value(name) ?? otherwise;
    if (typeof found !== 'boolean') throw refuse(name, 'must be true or false');
    return found;
  }

  function number(name: string, otherwise?: number): number {
    const found = value(name) ?? otherwise;
    if (typeof found !== 'number' || !Number.isFinite(found)) throw refuse(name, 'must be a number');
    return found;
  }

  function share(name: string, otherwise: number): number {
    const found = number(name, otherwise);
    if (found < 0 || found > 1) throw refuse(name, 'must lie between 0 and 1');
    return found;
  }

  function index(name: string): number | null {
    if (value(name) === undefined) return null;
    const found = number(name);
    if (!Number.isSafeInteger(found) || found < 0) throw refuse(name, 'must be a whole number from 0');
    return found;
  }

  function duration(name: string): number {
    const given = value(name);
    const found = typeof given === 'string' ? /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(given) : null;
    if (found === null) throw refuse(name, 'must be a number and a unit, such as 90m, 36h, 7d');
    return Number(found[1]) * (UNITS[found[2] ?? ''] ?? 1);
  }

  function choice<Name extends string>(name: string, names: readonly Name[], otherwise: Name): Name {
    const found = value(name) ?? otherwise;
    const known = names.find((one) => one === found);
    if (known === undefined) throw refuse(name, `must be one of ${names.join(', ')}`);
    return known;
  }

  function values(name: string): readonly CellValue[] | null {
    const found = value(name);
    if (found === undefined) return null;
    if (!Array.isArray(found) || found.some((item) => typeof item === 'object' && item !== null))
      throw refuse(name, 'must be a list of texts, numbers or booleans');
    return (found as readonly CellValue[]).filter((item) => item !== null);
  }

  function bound(name: string): number | string | null {
    const found = value(name) ?? null;
    if (found !== null && typeof found !== 'string' && typeof found !== 'number') throw refuse(name, 'must be a number or a text');
    return found;
  }

  function bounds(): Bounds {
    const min = bound('min_value');
    const max = bound('max_value');
    if (min === null && max === null) throw new KwargProblem('min_value', 'one of "min_value" and "max_value" must be given');
    if (min !== null && max !== null) {
      if (typeof min !== typeof max) throw new KwargProblem('max_value', '"min_value" and "max_value" must be of one type');
      if (typeof min === 'number' && min > Number(max)) throw new KwargProblem('min_value', '"min_value" is greater than "max_value"');
    }
    return { min, max, strictMin: flag('strict_min', false), strictMax: flag('strict_max', false) };
  }

  function ignore(names: Readonly<Record<string, IgnoreRow>>, otherwise: IgnoreRow): IgnoreRow {
    if (value('ignore_row_if') === undefined) return otherwise;
    const found = Object.entries(names).find(([name]) => name === value('ignore_row_if'));
    if (found === undefined) throw refuse('ignore_row_if', `must be one of ${Object.keys(names).join(', ')}`);
    return found[1];
  }

  return { all: kwargs, value, text, texts, flag, index, number, share, duration, choice, values, bounds, ignore };
}

/** Bounds of a count, share or length: numbers only. Throws KwargProblem. */
export function toNumberBounds(bounds: Bounds): Bounds {
  const side = typeof bounds.min === 'string' ? 'min_value' : typeof bounds.max === 'string' ? 'max_value' : undefined;
  if (side !== undefined) throw new KwargProblem(side, `"${side}" must be a number`);
  return bounds;
}

export function toExactly(value: number): Bounds {
  return { min: value, max: value, strictMin: false, strictMax: false };
}
