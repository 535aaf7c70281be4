import type { JsonValue } from '../ports/json.ts';
import type { CellValue } from '../serving/types.ts';
import type { Assertion, Bounds, Form, IgnoreRow, ValueCondition } from './assertion.ts';
import { toConditionTest } from './condition/judge.ts';
import { toDateTest } from './date-format.ts';
import { toSchemaTest } from './json-schema.ts';
import { compareValues, toTextForm } from './order.ts';
import type { Pattern } from './pattern.ts';
import type { Expectation } from './types.ts';
import { toAssertion } from './vocabulary.ts';

/**
 * `ignored`: the value is missing and the expectation speaks of values that are there, or the row condition leaves the record out. `error`: a column is missing or
 * of the wrong type.
 */
export type RecordVerdict = 'met' | 'unmet' | 'ignored' | 'error';

export type CheckedRecord = Readonly<Record<string, CellValue | undefined>>;

export interface RecordCheck {
  readonly expectation: Expectation;
  /** Judges one record alone; the same meaning as the check of a table, where `mostly` and severity then weigh the rows. */
  judge(record: CheckedRecord): RecordVerdict;
}

type Present = number | string | boolean;
type Judge = (record: CheckedRecord) => RecordVerdict;

/** The expectations that can be asked of one record, compiled; those about whole columns or tables are left out, and so are broken ones. */
export function toRecordChecks(expectations: readonly Expectation[]): readonly RecordCheck[] {
  return expectations.flatMap((expectation) => {
    const assertion = toAssertion(expectation);
    const judge = toJudge(assertion);
    return judge === undefined ? [] : [{ expectation, judge: limited(assertion, judge) }];
  });
}

/** Whether a value that is there meets a condition; `error` when it is of a type that the condition does not speak of. For batches that are judged value by value. */
export function toValueTest(condition: Exclude<ValueCondition, { is: 'null' | 'not_null' }>): (value: Present) => RecordVerdict {
  return toPresentTest(condition);
}

function limited({ where }: Assertion, judge: Judge): Judge {
  if (where === null) return judge;
  const isMeant = toConditionTest(where, read);
  return (record) => {
    const meant = isMeant(record);
    return meant === 'error' ? 'error' : meant ? judge(record) : 'ignored';
  };
}

function toJudge(assertion: Form): Judge | undefined {
  switch (assertion.form) {
    case 'value': {
      const { column, condition } = assertion;
      if (condition.is === 'null' || condition.is === 'not_null') {
        const wanted = condition.is === 'null';
        return (record) => {
          const value = read(record, column);
          return value === undefined ? 'error' : toVerdict((value === null) === wanted);
        };
      }
      const test = toPresentTest(condition);
      return (record) => {
        const value = read(record, column);
        if (value === undefined) return 'error';
        return value === null ? 'ignored' : test(value);
      };
    }
    case 'pair':
      return several([assertion.a, assertion.b], assertion.ignore, ([a, b]) =>
        comparePair(a as CellValue, b as CellValue, assertion.compare),
      );
    case 'pair_set': {
      const { pairs } = assertion;
      return several([assertion.a, assertion.b], assertion.ignore, ([a, b]) =>
        toVerdict(pairs === null || pairs.some(([x, y]) => x === a && y === b)),
      );
    }
    case 'record': {
      const wanted = assertion.are;
      return several(assertion.columns, assertion.ignore, (values) => {
        if (!isOneType(values)) return 'error';
        const distinct = new Set(values.map((value) => (value === 0 ? 0 : value))).size;
        return toVerdict(wanted === 'equal' ? distinct === 1 : distinct === values.length);
      });
    }
    case 'record_sum':
      return several(assertion.columns, assertion.ignore, (values) => {
        if (values.some((value) => value !== null && typeof value !== 'number')) return 'error';
        if (values.includes(null)) return 'unmet';
        return toVerdict((values as readonly number[]).reduce((sum, value) => sum + value, 0) === assertion.total);
      });
    default:
      return undefined;
  }
}

function several(columns: readonly string[], ignore: IgnoreRow, judge: (values: readonly CellValue[]) => RecordVerdict): Judge {
  return (record) => {
    const values: CellValue[] = [];
    let missing = 0;
    for (const column of columns) {
      const value = read(record, column);
      if (value === undefined) return 'error';
      if (value === null) missing += 1;
      values.push(value);
    }
    if ((ignore === 'all_missing' && missing === columns.length) || (ignore === 'any_missing' && missing > 0)) return 'ignored';
    return judge(values);
  };
}

function comparePair(a: CellValue, b: CellValue, compare: 'equal' | 'greater' | 'greater_or_equal'): RecordVerdict {
  if (a === null || b === null) return 'unmet';
  if (typeof a !== typeof b || (typeof a === 'boolean' && compare !== 'equal')) return 'error';
  const order = compareValues(a, b);
  return toVerdict(compare === 'equal' ? order === 0 : compare === 'greater' ? order > 0 : order >= 0);
}

function isOneType(values: readonly CellValue[]): boolean {
  const types = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  return types.size <= 1;
}

/** Undefined when the record has no such column; NaN is null. */
function read(record: CheckedRecord, column: string): CellValue | undefined {
  const value = Object.hasOwn(record, column) ? record[column] : undefined;
  return Number.isNaN(value) ? null : value;
}

function toVerdict(met: boolean): RecordVerdict {
  return met ? 'met' : 'unmet';
}

function toPresentTest(condition: Exclude<ValueCondition, { is: 'null' | 'not_null' }>): (value: Present) => RecordVerdict {
  switch (condition.is) {
    case 'between': {
      const { bounds } = condition;
      const type = typeof (bounds.min ?? bounds.max);
      return (value) => (typeof value === type ? toVerdict(isWithinBounds(value as number | string, bounds)) : 'error');
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
      return onText((text) => isWithinBounds(countCodePoints(text), condition.bounds), true);
    case 'match':
      return onText(toMatch(condition.patterns, condition.found), true);
    case 'date': {
      const tests = condition.formats.map(toDateTest);
      return onText((text) => tests.some((test) => test(text)), false);
    }
    case 'json': {
      const fits = toSchemaTest(condition.schema);
      return onText((text) => {
        const value = parseJson(text);
        return value !== undefined && fits(value);
      }, false);
    }
  }
}

/** Asks the text; with `any`, the text form of a value of another type too. */
function onText(test: (text: string) => boolean, any: boolean): (value: Present) => RecordVerdict {
  return (value) => {
    const text = typeof value === 'string' ? value : any ? toTextForm(value) : undefined;
    return text === undefined ? 'error' : toVerdict(test(text));
  };
}

function toMatch(patterns: readonly Pattern[], found: 'any' | 'all' | 'none'): (text: string) => boolean {
  const expressions = patterns.map(({ script, ignoreCase }) => new RegExp(script, ignoreCase ? 'iu' : 'u'));
  const [only] = expressions;
  if (expressions.length === 1 && only !== undefined) return found === 'none' ? (text) => !only.test(text) : (text) => only.test(text);
  if (found === 'all') return (text) => expressions.every((expression) => expression.test(text));
  const wanted = found === 'any';
  return (text) => expressions.some((expression) => expression.test(text)) === wanted;
}

/** Undefined when the text is no JSON. */
function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function countCodePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // The second half of a pair was counted with the first.
    if (code < 0xdc00 || code > 0xdfff || at === 0 || !isHigh(text.charCodeAt(at - 1))) count += 1;
  }
  return count;
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isWithinBounds(value: number | string, { min, max, strictMin, strictMax }: Bounds): boolean {
  if (min !== null && (strictMin ? compareValues(value, min) <= 0 : compareValues(value, min) < 0)) return false;
  return max === null || (strictMax ? compareValues(value, max) < 0 : compareValues(value, max) <= 0);
}
