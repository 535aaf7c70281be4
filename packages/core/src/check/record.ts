import type { CellValue } from '../serving/types.ts';
import type { Assertion, Bounds, ValueCondition } from './assertion.ts';
import { toAssertion } from './vocabulary.ts';
import type { Expectation } from './types.ts';

/** `ignored`: the value is missing, and the expectation speaks of values that are there. `error`: the column is missing or of the wrong type. */
export type RecordVerdict = 'met' | 'unmet' | 'ignored' | 'error';

export type CheckedRecord = Readonly<Record<string, CellValue | undefined>>;

export interface RecordCheck {
  readonly expectation: Expectation;
  /** Judges one record alone; the same meaning as the check of a table, where `mostly` and severity then weigh the rows. */
  judge(record: CheckedRecord): RecordVerdict;
}

/** The expectations that can be asked of one record, ready to run; those about whole columns or tables are left out, and so are broken ones. */
export function toRecordChecks(expectations: readonly Expectation[]): readonly RecordCheck[] {
  return expectations.flatMap((expectation) => {
    const judge = toJudge(toAssertion(expectation));
    return judge === undefined ? [] : [{ expectation, judge }];
  });
}

function toJudge(assertion: Assertion): ((record: CheckedRecord) => RecordVerdict) | undefined {
  if (assertion.form === 'value') {
    const meets = toValueTest(assertion.condition);
    return (record) => {
      const value = read(record, assertion.column);
      return value === undefined ? 'error' : meets(value);
    };
  }
  if (assertion.form === 'pair') {
    return (record) => {
      const a = read(record, assertion.a);
      const b = read(record, assertion.b);
      if (a === undefined || b === undefined) return 'error';
      const missing = Number(a === null) + Number(b === null);
      if ((assertion.ignore === 'all_missing' && missing === 2) || (assertion.ignore === 'any_missing' && missing > 0)) return 'ignored';
      if (a === null || b === null) return 'unmet';
      if (typeof a !== typeof b || (typeof a === 'boolean' && assertion.compare !== 'equal')) return 'error';
      const order = compare(a, b);
      return toVerdict(assertion.compare === 'equal' ? order === 0 : assertion.compare === 'greater' ? order > 0 : order >= 0);
    };
  }
  return undefined;
}

/** Undefined when the record has no such column; NaN is null. */
function read(record: CheckedRecord, column: string): CellValue | undefined {
  const value = Object.hasOwn(record, column) ? record[column] : undefined;
  return Number.isNaN(value) ? null : value;
}

function toVerdict(met: boolean): RecordVerdict {
  return met ? 'met' : 'unmet';
}

function toValueTest(condition: ValueCondition): (value: CellValue) => RecordVerdict {
  if (condition.is === 'null') return (value) => toVerdict(value === null);
  if (condition.is === 'not_null') return (value) => toVerdict(value !== null);
  const test = toPresentTest(condition);
  return (value) => (value === null ? 'ignored' : test(value));
}

function toPresentTest(
  condition: Exclude<ValueCondition, { is: 'null' | 'not_null' }>,
): (value: number | string | boolean) => RecordVerdict {
  switch (condition.is) {
    case 'between': {
      const type = typeof (condition.bounds.min ?? condition.bounds.max);
      return (value) => (typeof value === type ? toVerdict(isWithin(value as number | string, condition.bounds)) : 'error');
    }
    case 'in_set': {
      const { values } = condition;
      const set = new Set<CellValue>(values);
      return (value) => toVerdict(values === null || set.has(value));
    }
    case 'not_in_set': {
      const set = new Set<CellValue>(condition.values);
      return (value) => toVerdict(!set.has(value));
    }
    case 'length_between':
      return (value) => {
        const text = toText(value);
        return text === undefined ? 'error' : toVerdict(isWithin(countCodePoints(text), condition.bounds));
      };
    case 'match':
    case 'not_match': {
      const expression = new RegExp(condition.pattern.script, condition.pattern.ignoreCase ? 'iu' : 'u');
      return (value) => {
        const text = toText(value);
        return text === undefined ? 'error' : toVerdict(expression.test(text) === (condition.is === 'match'));
      };
    }
  }
}

/** Text form of a value. A fraction has none that two programs agree on, so that is undefined. */
function toText(value: number | string | boolean): string | undefined {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined;
  return String(value === 0 ? 0 : value);
}

function countCodePoints(text: string): number {
  let count = 0;
  for (const point of text) count += point === '' ? 0 : 1;
  return count;
}

function isWithin(value: number | string, bounds: Bounds): boolean {
  if (bounds.min !== null && (bounds.strictMin ? compare(value, bounds.min) <= 0 : compare(value, bounds.min) < 0)) return false;
  return bounds.max === null || (bounds.strictMax ? compare(value, bounds.max) < 0 : compare(value, bounds.max) <= 0);
}

/** Order of two values of one type; texts by code point, which is the order of their UTF-8 bytes. */
function compare(a: number | string | boolean, b: number | string | boolean): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return Number(a > b) - Number(a < b);
}

function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    if (a.charCodeAt(at) === b.charCodeAt(at)) continue;
    // Equal up to here, so both stand at the same place: the low half of a pair compares right by itself, a high half by its whole code point.
    return (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0);
  }
  return a.length - b.length;
}
