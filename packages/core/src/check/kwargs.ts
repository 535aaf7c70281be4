import type { JsonObject, JsonValue } from '../ports/json.ts';
import type { CellValue } from '../serving/types.ts';
import type { Bounds, IgnoreRow } from './assertion.ts';

/** Reads keyword arguments by name and type. Every reader throws RangeError with one line for the author of the suite. */
export interface Kwargs {
  text(name: string): string;
  texts(name: string): readonly string[];
  flag(name: string, otherwise: boolean): boolean;
  /** Whole, from 0; null when absent. */
  index(name: string): number | null;
  number(name: string): number;
  /** `mostly`, 1 when absent. */
  mostly(): number;
  /** A set of plain values; null when absent or null. */
  values(name: string): readonly CellValue[] | null;
  bounds(): Bounds;
  ignore(names: Readonly<Record<string, IgnoreRow>>, otherwise: IgnoreRow): IgnoreRow;
}

export function toKwargs(kwargs: JsonObject): Kwargs {
  const present = (name: string): JsonValue | undefined => (kwargs[name] === null ? undefined : kwargs[name]);

  function text(name: string): string {
    const value = present(name);
    if (typeof value !== 'string' || value === '') throw new RangeError(`"${name}" must be a text`);
    return value;
  }

  function texts(name: string): readonly string[] {
    const value = present(name);
    if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === 'string')) {
      throw new RangeError(`"${name}" must be a list of texts`);
    }
    return value as readonly string[];
  }

  function flag(name: string, otherwise: boolean): boolean {
    const value = present(name) ?? otherwise;
    if (typeof value !== 'boolean') throw new RangeError(`"${name}" must be true or false`);
    return value;
  }

  function number(name: string): number {
    const value = present(name);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new RangeError(`"${name}" must be a number`);
    return value;
  }

  function index(name: string): number | null {
    if (present(name) === undefined) return null;
    const value = number(name);
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`"${name}" must be a whole number from 0`);
    return value;
  }

  function mostly(): number {
    const value = present('mostly') === undefined ? 1 : number('mostly');
    if (value < 0 || value > 1) throw new RangeError('"mostly" must lie between 0 and 1');
    return value;
  }

  function values(name: string): readonly CellValue[] | null {
    const value = present(name);
    if (value === undefined) return null;
    if (!Array.isArray(value) || value.some((item) => typeof item === 'object' && item !== null)) {
      throw new RangeError(`"${name}" must be a list of texts, numbers or booleans`);
    }
    return (value as readonly CellValue[]).filter((item) => item !== null);
  }

  function bound(name: string): number | string | null {
    const value = present(name) ?? null;
    if (value !== null && typeof value !== 'string' && typeof value !== 'number')
      throw new RangeError(`"${name}" must be a number or a text`);
    return value;
  }

  function bounds(): Bounds {
    const min = bound('min_value');
    const max = bound('max_value');
    if (min === null && max === null) throw new RangeError('one of "min_value" and "max_value" must be given');
    if (min !== null && max !== null) {
      if (typeof min !== typeof max) throw new RangeError('"min_value" and "max_value" must be of one type');
      if (typeof min === 'number' && min > Number(max)) throw new RangeError('"min_value" is greater than "max_value"');
    }
    return { min, max, strictMin: flag('strict_min', false), strictMax: flag('strict_max', false) };
  }

  function ignore(names: Readonly<Record<string, IgnoreRow>>, otherwise: IgnoreRow): IgnoreRow {
    if (present('ignore_row_if') === undefined) return otherwise;
    const found = Object.entries(names).find(([name]) => name === present('ignore_row_if'));
    if (found === undefined) throw new RangeError(`"ignore_row_if" must be one of ${Object.keys(names).join(', ')}`);
    return found[1];
  }

  return { text, texts, flag, index, number, mostly, values, bounds, ignore };
}

/** Bounds of a count or length: numbers only. Throws RangeError. */
export function toNumberBounds(bounds: Bounds): Bounds {
  if (typeof bounds.min === 'string' || typeof bounds.max === 'string') throw new RangeError('the bounds must be numbers');
  return bounds;
}

export function toExactly(value: number): Bounds {
  return { min: value, max: value, strictMin: false, strictMax: false };
}
