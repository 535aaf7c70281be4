import { meetsMostly } from '@pawl/core';
import type { Assertion, IgnoreRow, ValueCondition } from '@pawl/core';
import { toText } from '../sql.ts';
import { toFinding } from './probe.ts';
import type { Finding, Probe } from './probe.ts';
import { areComparable, toElements, toTextForm, toWithin } from './value.ts';
import type { Value } from './value.ts';

type Form<Name extends Assertion['form']> = Extract<Assertion, { form: Name }>;

/** `IS NOT TRUE`, because with NOT a comparison with null would pass. */
function toRowProbe(counted: string, met: string, values: readonly Value[], mostly: number): Probe {
  const unexpected = `${counted} AND (${met}) IS NOT TRUE`;
  return {
    selects: [`count(*) FILTER (WHERE ${counted})`, `count(*) FILTER (WHERE ${unexpected})`],
    judge: ([considered, missed]) => toRowFinding(Number(considered), Number(missed), mostly),
    examples: { values: values.map(({ sql, kind }) => ({ sql, kind })), rest: `WHERE ${unexpected}` },
  };
}

function toRowFinding(considered: number, unexpected: number, mostly: number): Finding {
  const note = considered === 0 ? 'vacuous: there was no value to look at' : null;
  return toFinding(meetsMostly(considered, unexpected, mostly), null, unexpected, note);
}

export function toValueProbe(assertion: Form<'value'>, value: Value): Probe {
  const { condition, mostly } = assertion;
  const present = `${value.sql} IS NOT NULL`;
  if (condition.is === 'not_null') return toRowProbe('true', present, [value], mostly);
  if (condition.is === 'null') return toRowProbe('true', `${value.sql} IS NULL`, [value], mostly);
  return toRowProbe(present, toCondition(condition, value), [value], mostly);
}

function toCondition(condition: Exclude<ValueCondition, { is: 'null' } | { is: 'not_null' }>, value: Value): string {
  switch (condition.is) {
    case 'between':
      return toWithin(value.sql, condition.bounds, value);
    case 'length_between':
      return toWithin(`length(${toTextForm(value)})`, condition.bounds, { ...value, kind: 'integer' });
    case 'match':
      return `regexp_matches(${toTextForm(value)}, ${toText(condition.pattern.re2)})`;
    case 'not_match':
      return `NOT regexp_matches(${toTextForm(value)}, ${toText(condition.pattern.re2)})`;
    case 'in_set': {
      if (condition.values === null) return 'true';
      const elements = toElements(value, condition.values);
      return elements.length === 0 ? 'false' : `${value.sql} IN (${elements.join(', ')})`;
    }
    case 'not_in_set': {
      const elements = toElements(value, condition.values ?? []);
      return elements.length === 0 ? 'true' : `${value.sql} NOT IN (${elements.join(', ')})`;
    }
  }
}

export function toPairProbe(assertion: Form<'pair'>, a: Value, b: Value): Probe {
  const orderless = assertion.compare !== 'equal' && a.kind === 'boolean';
  if (!areComparable(a, b) || orderless) {
    throw new RangeError(`column "${a.name}" is ${a.type} and column "${b.name}" is ${b.type}, which cannot be compared so`);
  }
  const operator = { equal: '=', greater: '>', greater_or_equal: '>=' }[assertion.compare];
  return toRowProbe(toCounted([a, b], assertion.ignore), `${a.sql} ${operator} ${b.sql}`, [a, b], assertion.mostly);
}

function toCounted(values: readonly Value[], ignore: IgnoreRow): string {
  if (ignore === 'never') return 'true';
  return `(${values.map(({ sql }) => `${sql} IS NOT NULL`).join(ignore === 'any_missing' ? ' AND ' : ' OR ')})`;
}

/** Every member of a group of equals is unexpected; grouping takes nulls as equal. */
export function toUniqueProbe(assertion: Form<'unique'>, values: readonly Value[], from: string): Probe {
  const counted = toCounted(values, assertion.ignore);
  const groups = values.map(({ sql }) => sql).join(', ');
  return {
    selects: [
      `count(*) FILTER (WHERE ${counted})`,
      `(SELECT coalesce(sum(n) FILTER (WHERE n > 1), 0) FROM (SELECT count(*) AS n FROM ${from} WHERE ${counted} GROUP BY ${groups}))`,
    ],
    judge: ([considered, repeated]) => toRowFinding(Number(considered), Number(repeated), assertion.mostly),
    examples: {
      values: values.map(({ sql, kind }) => ({ sql, kind })),
      rest: `WHERE ${counted} GROUP BY ${groups} HAVING count(*) > 1 ORDER BY ${groups}`,
    },
  };
}
