import { isTypeNamed } from '@pawl/core';
import type { Assertion, Bounds, Column, Measure } from '@pawl/core';
import { toFinding, toSettled } from './probe.ts';
import type { Probe } from './probe.ts';
import { fromText, isNumeric, toElement, toElements, toWithin } from './value.ts';
import type { Value } from './value.ts';

type Form<Name extends Assertion['form']> = Extract<Assertion, { form: Name }>;

/** Sums and moments of doubles are of the order in which the rows come, so their last digits may differ from run to run. */
function toAggregate(measure: Measure, sql: string): string {
  switch (measure) {
    case 'min':
    case 'max':
    case 'sum':
    case 'median':
      return `${measure}(${sql})`;
    case 'mean':
      return `avg(${sql})`;
    case 'stdev':
      return `stddev_samp(${sql})`;
    case 'distinct':
      return `count(DISTINCT ${sql})`;
    case 'distinct_share':
      return `CASE WHEN count(${sql}) = 0 THEN 0.0 ELSE count(DISTINCT ${sql}) / count(${sql}) END`;
  }
}

export function toMeasureProbe(assertion: Form<'measure'>, value: Value): Probe {
  const { measure, bounds } = assertion;
  const ordered = measure === 'min' || measure === 'max';
  const counts = measure === 'distinct' || measure === 'distinct_share';
  if (!ordered && !counts && !isNumeric(value)) throw new RangeError(`column "${value.name}" is ${value.type}, which has no ${measure}`);
  const sql = toAggregate(measure, value.sql);
  const result: Value = ordered ? value : { ...value, kind: measure === 'distinct' ? 'integer' : 'fraction' };
  return {
    selects: [`CAST(${sql} AS VARCHAR)`, toWithin(sql, bounds, result)],
    // Nothing to aggregate observes null, and null is within no bounds.
    judge: ([observed, within]) => toFinding(within === true, fromText(observed === null ? null : String(observed), result.kind), 0),
  };
}

/** Values beyond the set are unexpected; with `contains` and `equals`, elements that never occur fail it too, and are what is observed. */
export function toDistinctSetProbe(assertion: Form<'distinct_set'>, value: Value): Probe {
  const elements = toElements(value, assertion.values);
  const outside = `${value.sql} IS NOT NULL${elements.length === 0 ? '' : ` AND ${value.sql} NOT IN (${elements.join(', ')})`}`;
  const wanted = assertion.relation === 'in' ? [] : assertion.values;
  // An empty set holds every column in `in`, as in Great Expectations.
  const limited = assertion.relation !== 'contains' && !(assertion.relation === 'in' && assertion.values.length === 0);
  const seen = wanted.map((element) => {
    const literal = toElement(value, element);
    return literal === undefined ? 'false' : `coalesce(bool_or(${value.sql} = ${literal}), false)`;
  });
  return {
    selects: [limited ? `count(*) FILTER (WHERE ${outside})` : '0', ...seen],
    judge: ([beyond, ...found]) => {
      const missing = wanted.filter((_element, index) => found[index] !== true);
      return toFinding(Number(beyond) === 0 && missing.length === 0, assertion.relation === 'in' ? null : { missing }, Number(beyond));
    },
    ...(limited
      ? { examples: { values: [{ sql: value.sql, kind: value.kind }], rest: `WHERE ${outside} GROUP BY ALL ORDER BY ALL` } }
      : {}),
  };
}

function isWithin(count: number, bounds: Bounds): boolean {
  const min = Number(bounds.min ?? -Infinity);
  const max = Number(bounds.max ?? Infinity);
  return (bounds.strictMin ? count > min : count >= min) && (bounds.strictMax ? count < max : count <= max);
}

export function toRowCountProbe(assertion: Form<'row_count' | 'column_count'>): Probe {
  return { selects: [], judge: (_answers, rows) => toFinding(isWithin(rows, assertion.bounds), rows, 0) };
}

export function toColumnCountProbe(assertion: Form<'row_count' | 'column_count'>, columns: readonly Column[]): Probe {
  return toSettled(toFinding(isWithin(columns.length, assertion.bounds), columns.length, 0));
}

export function toTypeProbe(assertion: Form<'type'>, column: Column): Probe {
  return toSettled(
    toFinding(
      assertion.types.some((name) => isTypeNamed(column.type, name)),
      column.type,
      0,
    ),
  );
}

export function toColumnExistsProbe(assertion: Form<'column_exists'>, columns: readonly Column[]): Probe {
  const index = columns.findIndex((column) => column.name === assertion.column);
  return toSettled(toFinding(index >= 0 && (assertion.index === null || assertion.index === index), index < 0 ? null : index, 0));
}

export function toColumnsProbe(assertion: Form<'columns'>, columns: readonly Column[]): Probe {
  const names = columns.map((column) => column.name);
  const missing = assertion.columns.filter((name) => !names.includes(name));
  const extra = assertion.exact ? names.filter((name) => !assertion.columns.includes(name)) : [];
  const inOrder =
    !assertion.ordered || (names.length === assertion.columns.length && names.every((name, index) => name === assertion.columns[index]));
  const note = [
    missing.length > 0 ? `missing: ${missing.join(', ')}` : '',
    extra.length > 0 ? `unexpected: ${extra.join(', ')}` : '',
  ].filter((part) => part !== '');
  return toSettled(
    toFinding(missing.length === 0 && extra.length === 0 && inOrder, names, extra.length + missing.length, note.join('; ') || null),
  );
}
