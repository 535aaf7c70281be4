import type { CellValue, ColumnType } from '@pawl/core';
import { fault } from '@pawl/core';
import { integerRanges, kindOf } from '../tensor/cells.ts';

/** A value of a table as a model's input takes it; whole numbers beyond 2^53 as BigInt. */
export type TypedCell = CellValue | bigint;

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)\s*$/i;

function toNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const plain = text.trim().toLowerCase();
  if (plain.endsWith('nan')) return NaN;
  if (plain.includes('inf')) return plain.startsWith('-') ? -Infinity : Infinity;
  return Number(plain);
}

const FLOAT_LIMIT = 3.4028235677973366e38;

function toFraction(value: unknown, type: 'float' | 'double'): TypedCell | undefined {
  const number = typeof value === 'string' ? toNumber(value) : typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number') return undefined;
  return type === 'float' && Number.isFinite(number) && Math.abs(number) >= FLOAT_LIMIT ? undefined : number;
}

function toWhole(value: unknown, type: 'integer' | 'long', isText: boolean): TypedCell | undefined {
  let whole = value;
  if (isText && typeof value === 'string' && /^\s*[+-]?\d+(?:\.0*)?\s*$/.test(value)) whole = BigInt(value.trim().replace(/\..*$/, ''));
  if (typeof whole === 'number' ? !Number.isInteger(whole) : typeof whole !== 'bigint') return undefined;
  const [low, high] = integerRanges[type === 'integer' ? 'INT32' : 'INT64'] as readonly [bigint, bigint];
  const exact = BigInt(whole as number | bigint);
  if (exact < low || exact > high) return undefined;
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}

function toBoolean(value: unknown, isText: boolean): TypedCell | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 0 || value === 1) return value === 1;
  if (!isText || typeof value !== 'string') return undefined;
  if (/^(?:true|1)$/i.test(value)) return true;
  return /^(?:false|0)$/i.test(value) ? false : undefined;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** One value as its column's type; undefined: it cannot be one without losing something. `isText`: all values came as texts (CSV). */
function toCell(value: unknown, type: ColumnType | null, isText: boolean): TypedCell | undefined {
  switch (type) {
    case 'float':
    case 'double':
      return toFraction(value, type);
    case 'integer':
    case 'long':
      return toWhole(value, type, isText);
    case 'boolean':
      return toBoolean(value, isText);
    case 'binary':
      return typeof value === 'string' && BASE64.test(value) ? value : undefined;
    case 'datetime':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case null:
      // Arrays, objects and maps travel as JSON; only Python takes them.
      return JSON.stringify(value);
  }
}

export interface EnforceOptions {
  readonly type: ColumnType | null;
  readonly isText: boolean;
}

/**
 * A column's values as the type that the signature declares: MLflow's rules (https://mlflow.org/docs/latest/ml/model/signatures/#signature-enforcement) but for its
 * lossy casts, which turn 1.5 into 1 and "False" into true: those are refused. Missing is NaN in numbers with fractions, null in texts, and nothing else. Throws `schema_mismatch`.
 */
export function enforceColumn(name: string, values: readonly unknown[], { type, isText }: EnforceOptions): readonly TypedCell[] {
  const refuse = (row: number, problem: string) =>
    fault('schema_mismatch', { problem: `Incompatible input types for column ${name} (row ${row}). ${problem}` });
  return values.map((value, row) => {
    if (value === undefined || value === null) {
      if (type === 'integer' || type === 'long')
        throw refuse(row, `A value is missing, and integers cannot be missing: declare the column double in the signature.`);
      if (type === 'boolean') throw refuse(row, 'A value is missing, and booleans cannot be missing.');
      return null;
    }
    const cell = toCell(value, type, isText);
    if (cell === undefined) throw refuse(row, `Can not safely convert ${kindOf(value)} to ${type ?? 'any'}.`);
    return cell;
  });
}
