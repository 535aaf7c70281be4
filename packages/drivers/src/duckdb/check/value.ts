import type { Bounds, CellValue, Column, JsonValue } from '@pawl/core';
import { toIdentifier, toNumber, toText } from '../sql.ts';

/** What a column's values may be compared with. */
export type Kind = 'integer' | 'fraction' | 'boolean' | 'text' | 'time' | 'other';

/** A column as a value of a check: NaN is null, texts of special types are texts. */
export interface Value {
  readonly name: string;
  readonly type: string;
  readonly kind: Kind;
  readonly sql: string;
  /** Known to be there in every row. */
  readonly whole?: boolean;
}

export function toValue(column: Column): Value {
  const name = toIdentifier(column.name);
  const kind = toKind(column.type);
  const sql = /^(FLOAT|DOUBLE)$/.test(column.type)
    ? `nullif(${name}, CAST('NaN' AS ${column.type}))`
    : kind === 'text' && column.type !== 'VARCHAR'
      ? `CAST(${name} AS VARCHAR)`
      : name;
  return { name: column.name, type: column.type, kind, sql };
}

function toKind(type: string): Kind {
  if (/^U?(TINY|SMALL|BIG|HUGE)INT$|^U?INTEGER$/.test(type)) return 'integer';
  if (/^(FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type)) return 'fraction';
  if (type === 'BOOLEAN') return 'boolean';
  if (/^(VARCHAR|JSON|UUID|ENUM\(.*\))$/.test(type)) return 'text';
  return /^(DATE|TIME|TIMESTAMP)/.test(type) && !type.endsWith(']') ? 'time' : 'other';
}

export function isNumeric(value: Value): boolean {
  return value.kind === 'integer' || value.kind === 'fraction';
}

/** Columns that may be compared with one another. */
export function areComparable(a: Value, b: Value): boolean {
  return (isNumeric(a) && isNumeric(b)) || (a.kind === b.kind && a.kind !== 'other');
}

/** The text form, for lengths and patterns. Throws RangeError where there is none that two programs agree on. */
export function toTextForm(value: Value): string {
  if (value.kind === 'fraction' || value.kind === 'other')
    throw new RangeError(`column "${value.name}" is ${value.type}, which has no one text form`);
  return value.kind === 'text' ? value.sql : `CAST(${value.sql} AS VARCHAR)`;
}

/** Literals of the elements of a set that can equal a value of the column at all: equality is typed. Throws RangeError when the column's type has no equality here. */
export function toElements(value: Value, set: readonly CellValue[]): readonly string[] {
  if (value.kind === 'other') throw new RangeError(`column "${value.name}" is ${value.type}, whose values cannot stand in a set`);
  return set.flatMap((element) => toElement(value, element) ?? []);
}

export function toElement(value: Value, element: CellValue): string | undefined {
  if (typeof element === 'number') return isNumeric(value) ? toNumber(element) : undefined;
  if (typeof element === 'boolean') return value.kind === 'boolean' ? String(element) : undefined;
  if (typeof element !== 'string') return undefined;
  if (value.kind === 'time') return `CAST(${toText(element)} AS ${value.type})`;
  return value.kind === 'text' ? toText(element) : undefined;
}

/** Whether a value (any SQL of the column's type) lies within bounds. Throws RangeError when the bounds are of another type than the column. */
export function toWithin(sql: string, bounds: Bounds, value: Value): string {
  const parts = [
    ...(bounds.min === null ? [] : [`${sql} ${bounds.strictMin ? '>' : '>='} ${toBound(value, bounds.min)}`]),
    ...(bounds.max === null ? [] : [`${sql} ${bounds.strictMax ? '<' : '<='} ${toBound(value, bounds.max)}`]),
  ];
  return `(${parts.join(' AND ')})`;
}

/** The opposite of `toWithin`, of a value that is there. */
export function toOutside(sql: string, bounds: Bounds, value: Value): string {
  const parts = [
    ...(bounds.min === null ? [] : [`${sql} ${bounds.strictMin ? '<=' : '<'} ${toBound(value, bounds.min)}`]),
    ...(bounds.max === null ? [] : [`${sql} ${bounds.strictMax ? '>=' : '>'} ${toBound(value, bounds.max)}`]),
  ];
  return `(${parts.join(' OR ')})`;
}

function toBound(value: Value, bound: number | string): string {
  const element = value.kind === 'boolean' ? undefined : toElement(value, bound);
  if (element === undefined)
    throw new RangeError(`column "${value.name}" is ${value.type}, which cannot be compared with ${JSON.stringify(bound)}`);
  return element;
}

/** A value from its text: a number where JSON can hold it exactly, else the text. */
export function fromText(text: string | null, kind: Kind): JsonValue {
  if (text === null) return null;
  if (kind === 'boolean') return text === 'true';
  if (kind !== 'integer' && kind !== 'fraction') return text;
  const number = Number(text);
  return (kind === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number)) ? number : text;
}
