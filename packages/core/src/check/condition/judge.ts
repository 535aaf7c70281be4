import type { CellValue } from '../../serving/types.ts';
import { compareValues } from '../order.ts';
import type { RowCondition, Sign } from './types.ts';

/** `error`: a column is missing or of another type than it is compared with. */
export type ConditionVerdict = boolean | 'error';

/** Reads a column of the record at hand; undefined when there is none, NaN is null. */
export type ReadCell<Row> = (row: Row, column: string) => CellValue | undefined;

type Truth = boolean | null | 'error';

const HOLDS: Readonly<Record<Sign, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** The condition as a function of a record: true when the row is looked at. The same meaning as in SQL, in three-valued logic. */
export function toConditionTest<Row>(condition: RowCondition, read: ReadCell<Row>): (row: Row) => ConditionVerdict {
  const test = compile(condition, read);
  return (row) => {
    const truth = test(row);
    return truth === 'error' ? 'error' : truth === true;
  };
}

function compile<Row>(condition: RowCondition, read: ReadCell<Row>): (row: Row) => Truth {
  switch (condition.op) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => compile(part, read));
      const settles = condition.op === 'or';
      return (row) => {
        let truth: Truth = !settles;
        for (const part of parts) {
          const one = part(row);
          if (one === 'error') return 'error';
          if (one === settles) truth = settles;
          else if (one === null && truth !== settles) truth = null;
        }
        return truth;
      };
    }
    case 'not': {
      const part = compile(condition.part, read);
      return (row) => {
        const truth = part(row);
        return typeof truth === 'boolean' ? !truth : truth;
      };
    }
    case 'null':
      return (row) => {
        const value = read(row, condition.column);
        return value === undefined ? 'error' : (value === null) !== condition.negated;
      };
    case 'compare': {
      const { column, sign, value: literal, nullsDiffer } = condition;
      return (row) => compareCells(read(row, column), literal, sign, nullsDiffer);
    }
    case 'compare_columns': {
      const { a, b, sign, nullsDiffer } = condition;
      return (row) => {
        const other = read(row, b);
        if (other === undefined) return 'error';
        return compareCells(read(row, a), other, sign, nullsDiffer);
      };
    }
    case 'in': {
      const set = new Set<CellValue>(condition.values);
      return (row) => {
        const value = read(row, condition.column);
        if (value === undefined) return 'error';
        if (value === null) return condition.nullsDiffer ? condition.negated : null;
        return set.has(value) !== condition.negated;
      };
    }
    case 'like': {
      const expression = new RegExp(condition.pattern.script, 'u');
      return (row) => {
        const value = read(row, condition.column);
        if (value === null) return null;
        return typeof value === 'string' ? expression.test(value) !== condition.negated : 'error';
      };
    }
  }
}

function compareCells(a: CellValue | undefined, b: CellValue, sign: Sign, nullsDiffer: boolean): Truth {
  if (a === undefined) return 'error';
  if (a === null || b === null) return nullsDiffer ? sign === '!=' : null;
  if (typeof a !== typeof b || (typeof a === 'boolean' && sign !== '=' && sign !== '!=')) return 'error';
  return HOLDS[sign](compareValues(a, b));
}
