import type { RowCondition } from '@pawl/core';
import { toText } from '../sql.ts';
import { areComparable, toElement } from './value.ts';
import type { Value } from './value.ts';

/** A row condition in SQL, true for the rows that are looked at. Throws RangeError on a column that cannot be compared so. */
export function toWhere(condition: RowCondition, value: (column: string) => Value): string {
  return `(${compile(condition, value)}) IS TRUE`;
}

function compile(condition: RowCondition, value: (column: string) => Value): string {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.parts.map((part) => `(${compile(part, value)})`).join(condition.op === 'and' ? ' AND ' : ' OR ');
    case 'not':
      return `NOT (${compile(condition.part, value)})`;
    case 'null':
      return `${value(condition.column).sql} IS ${condition.negated ? 'NOT ' : ''}NULL`;
    case 'like': {
      const column = value(condition.column);
      if (column.kind !== 'text') throw new RangeError(`column "${column.name}" is ${column.type}, which is no text`);
      return `${condition.negated ? 'NOT ' : ''}regexp_matches(${column.sql}, ${toText(condition.pattern.re2)})`;
    }
    case 'in': {
      const column = value(condition.column);
      const elements = condition.values.flatMap((one) => toElement(column, one) ?? []);
      const negated = condition.negated ? 'NOT ' : '';
      const test =
        elements.length === 0
          ? `CASE WHEN ${column.sql} IS NOT NULL THEN ${condition.negated} END`
          : `${column.sql} ${negated}IN (${elements.join(', ')})`;
      return condition.nullsDiffer ? `coalesce(${test}, ${condition.negated})` : test;
    }
    case 'compare': {
      const column = value(condition.column);
      const literal = toElement(column, condition.value);
      const orderless = column.kind === 'boolean' && condition.sign !== '=' && condition.sign !== '!=';
      if (literal === undefined || orderless)
        throw new RangeError(
          `column "${column.name}" is ${column.type}, which cannot be compared with ${JSON.stringify(condition.value)} in the row condition`,
        );
      return compare(column.sql, condition.sign, literal, condition.nullsDiffer);
    }
    case 'compare_columns': {
      const [a, b] = [value(condition.a), value(condition.b)];
      const orderless = a.kind === 'boolean' && condition.sign !== '=' && condition.sign !== '!=';
      if (!areComparable(a, b) || orderless)
        throw new RangeError(
          `column "${a.name}" is ${a.type} and column "${b.name}" is ${b.type}, which cannot be compared in the row condition`,
        );
      return compare(a.sql, condition.sign, b.sql, condition.nullsDiffer);
    }
  }
}

function compare(a: string, sign: string, b: string, nullsDiffer: boolean): string {
  const test = `${a} ${sign === '!=' ? '<>' : sign} ${b}`;
  return nullsDiffer ? `coalesce(${test}, ${sign === '!='})` : test;
}
