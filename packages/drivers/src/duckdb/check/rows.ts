import type { ValueCondition } from '@pawl/core';
import { toNumber, toText } from '../sql.ts';
import { toDateCondition } from './dates.ts';
import { and, plain, toPresent, toRowPass, toThere, toUnmet } from './domain.ts';
import type { Counting, Of } from './domain.ts';
import type { Pass, Probe, Staged } from './probe.ts';
import { areComparable, isNumeric, toElement, toElements, toOutside, toTextForm, toWithin } from './value.ts';
import type { Value } from './value.ts';
import { toValueByValueProbe } from './value-by-value.ts';

export function toValueProbe(form: Of<'value'>, value: Value, where: string | null, counting: Counting = plain): Probe {
  const { condition, mostly } = form;
  if (condition.is === 'not_null' || condition.is === 'null') return toNullPass(condition.is, value, mostly, counting);
  // Of many formats, and of JSON, a program reads each different text once.
  if (condition.is === 'json' || (condition.is === 'date' && condition.formats.length > 1))
    return toValueByValueProbe(condition, value, where, mostly);
  // Of a value that is there the bounds turned round say the same, and a file is searched by them quickly.
  const broken = condition.is === 'between' ? toOutside(value.sql, condition.bounds, value) : toUnmet(toCondition(condition, value));
  return toRowPass({ values: [value], present: toThere(value), broken, mostly }, counting);
}

function toNullPass(is: 'null' | 'not_null', value: Value, mostly: number, counting: Counting): Pass {
  const there = counting.there(value.sql);
  const broken = is === 'null' ? toThere(value) : `${value.sql} IS NULL`;
  return {
    ...toRowPass({ values: [value], present: null, broken, mostly }, counting),
    selects: [counting.all, counting.all, is === 'null' ? there : `${counting.all} - ${there}`],
  };
}

function toCondition(condition: Exclude<ValueCondition, { is: 'null' } | { is: 'not_null' } | { is: 'json' }>, value: Value): string {
  switch (condition.is) {
    case 'between':
      return toWithin(value.sql, condition.bounds, value);
    case 'length_between':
      return toWithin(`length(${toTextForm(value)})`, condition.bounds, { ...value, kind: 'integer' });
    case 'match': {
      const text = toTextForm(value);
      const each = condition.patterns.map((pattern) => `regexp_matches(${text}, ${toText(pattern.re2)})`);
      if (condition.found === 'all') return each.join(' AND ');
      return condition.found === 'any' ? each.join(' OR ') : each.map((one) => `NOT ${one}`).join(' AND ');
    }
    case 'date': {
      if (value.kind !== 'text') throw new RangeError(`column "${value.name}" is ${value.type}, which is no text`);
      return condition.formats.map((format) => toDateCondition(value.sql, format)).join(' OR ');
    }
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

export function toPairProbe(form: Of<'pair'>, a: Value, b: Value): Pass {
  const orderless = form.compare !== 'equal' && a.kind === 'boolean';
  if (!areComparable(a, b) || orderless)
    throw new RangeError(`column "${a.name}" is ${a.type} and column "${b.name}" is ${b.type}, which cannot be compared so`);
  const operator = { equal: '=', greater: '>', greater_or_equal: '>=' }[form.compare];
  const broken = toUnmet(`${a.sql} ${operator} ${b.sql}`);
  return toRowPass({ values: [a, b], present: toPresent([a, b], form.ignore), broken, mostly: form.mostly });
}

export function toPairSetProbe(form: Of<'pair_set'>, a: Value, b: Value): Pass {
  const side = (value: Value, cell: string | number | boolean | null): string | undefined => {
    if (cell === null) return `${value.sql} IS NULL`;
    const element = toElement(value, cell);
    return element === undefined ? undefined : `${value.sql} = ${element}`;
  };
  const pairs = form.pairs?.flatMap(([x, y]) => {
    const [left, right] = [side(a, x), side(b, y)];
    return left === undefined || right === undefined ? [] : [`(${left} AND ${right})`];
  });
  const met = pairs === undefined ? 'true' : pairs.length === 0 ? 'false' : pairs.join(' OR ');
  return toRowPass({ values: [a, b], present: toPresent([a, b], form.ignore), broken: toUnmet(met), mostly: form.mostly });
}

/** Each pair of columns is compared, so there is a limit. */
const MOST_COLUMNS = 40;

export function toRecordProbe(form: Of<'record'>, values: readonly Value[]): Pass {
  const [first] = values;
  if (values.length > MOST_COLUMNS) throw new RangeError(`it compares ${values.length} columns; ${MOST_COLUMNS} are the most`);
  const odd = values.find((value) => first !== undefined && !areComparable(first, value));
  if (first === undefined || odd !== undefined)
    throw new RangeError(`column "${first?.name}" is ${first?.type} and column "${odd?.name}" is ${odd?.type}, which cannot be compared`);
  const met =
    form.are === 'equal'
      ? values.slice(1).map((value) => `${value.sql} IS NOT DISTINCT FROM ${first.sql}`)
      : values.flatMap((a, at) => values.slice(at + 1).map((b) => `${a.sql} IS DISTINCT FROM ${b.sql}`));
  return toRowPass({ values, present: toPresent(values, form.ignore), broken: toUnmet(and(...met)), mostly: form.mostly });
}

export function toRecordSumProbe(form: Of<'record_sum'>, values: readonly Value[]): Pass {
  const odd = values.find((value) => !isNumeric(value));
  if (odd !== undefined) throw new RangeError(`column "${odd.name}" is ${odd.type}, which cannot be summed`);
  // In doubles and from left to right, as a program adds the cells of one record.
  const sum = values.map(({ sql }) => `CAST(${sql} AS DOUBLE)`).join(' + ');
  const broken = toUnmet(`${sum} = ${toNumber(form.total)}`);
  return toRowPass({ values, present: toPresent(values, form.ignore), broken, mostly: form.mostly });
}

/** Where the middle and the spread of a column come from, and how its rows are counted. */
export interface SpreadSource {
  readonly selects: readonly [string, string];
  readonly counting: Counting;
}

function toSpreadSource({ method }: Of<'spread'>, x: string): SpreadSource {
  const selects: SpreadSource['selects'] =
    method === 'iqr' ? [`quantile_cont(${x}, 0.25)`, `quantile_cont(${x}, 0.75)`] : [`avg(${x})`, `stddev_samp(${x})`];
  return { selects, counting: plain };
}

/** Needs the middle and the spread of the column first. Where there is no spread to measure by, nothing lies apart. */
export function toSpreadProbe(form: Of<'spread'>, value: Value, source?: SpreadSource): Staged {
  if (!isNumeric(value)) throw new RangeError(`column "${value.name}" is ${value.type}, which has no spread`);
  const x = `CAST(${value.sql} AS DOUBLE)`;
  const { selects, counting } = source ?? toSpreadSource(form, x);
  return {
    kind: 'staged',
    selects,
    asked: (answers) => {
      const [first, second] = answers.map((answer) => (answer === null ? Number.NaN : Number(answer))) as [number, number];
      const broken = toUnmet(toNear(form, x, first, second));
      return toRowPass({ values: [value], present: toThere(value), broken, mostly: form.mostly }, counting);
    },
  };
}

function toNear({ method, limit, doubleSided }: Of<'spread'>, x: string, first: number, second: number): string {
  if (!Number.isFinite(first) || !Number.isFinite(second)) return 'true';
  if (method === 'iqr') {
    const reach = limit * (second - first);
    return `${x} >= ${toNumber(first - reach)} AND ${x} <= ${toNumber(second + reach)}`;
  }
  if (method === 'std') {
    const reach = limit * second;
    return reach <= 0 ? `${x} = ${toNumber(first)}` : `abs(${x} - ${toNumber(first)}) < ${toNumber(reach)}`;
  }
  if (second === 0) return 'true';
  const score = `(${x} - ${toNumber(first)}) / ${toNumber(second)}`;
  return `${doubleSided ? `abs(${score})` : score} < ${toNumber(limit)}`;
}
