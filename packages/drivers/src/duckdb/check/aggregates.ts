import type { Bounds, JsonValue, Measure } from '@pawl/core';
import { toNumber } from '../sql.ts';
import { toFinding } from './probe.ts';
import type { Own, Pass, Staged } from './probe.ts';
import { and, plain, toThere } from './domain.ts';
import type { Counting, Of } from './domain.ts';
import { fromText, isNumeric, toElement, toElements, toWithin } from './value.ts';
import type { Value } from './value.ts';

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
    case 'present_share':
      return `CASE WHEN count(*) = 0 THEN NULL ELSE count(${sql}) / count(*) END`;
  }
}

export function toMeasureProbe({ measure, bounds }: Of<'measure'>, value: Value): Pass {
  const ordered = measure === 'min' || measure === 'max';
  const counts = measure === 'distinct' || measure === 'distinct_share' || measure === 'present_share';
  if (!ordered && !counts && !isNumeric(value)) throw new RangeError(`column "${value.name}" is ${value.type}, which has no ${measure}`);
  const sql = toAggregate(measure, value.sql);
  const result: Value = ordered ? value : { ...value, kind: measure === 'distinct' ? 'integer' : 'fraction' };
  return {
    kind: 'pass',
    selects: [`CAST(${sql} AS VARCHAR)`, toWithin(sql, bounds, result)],
    // Nothing to aggregate observes null, and null is within no bounds.
    judge: ([observed, within]) => toFinding(within === true, fromText(observed === null ? null : String(observed), result.kind)),
  };
}

/** Values beyond the set are unexpected; with `contains` and `equals`, elements that never occur fail it too, and are what is observed. */
export function toDistinctSetProbe(form: Of<'distinct_set'>, value: Value, counting: Counting = plain): Pass {
  const elements = toElements(value, form.values);
  const outside = and(toThere(value), elements.length === 0 ? null : `${value.sql} NOT IN (${elements.join(', ')})`);
  const wanted = form.relation === 'in' ? [] : form.values;
  // An empty set holds every column in `in`, as in Great Expectations.
  const limited = form.relation !== 'contains' && !(form.relation === 'in' && form.values.length === 0);
  const seen = wanted.map((element) => {
    const literal = toElement(value, element);
    return literal === undefined ? 'false' : `coalesce(bool_or(${value.sql} = ${literal}), false)`;
  });
  return {
    kind: 'pass',
    selects: [limited ? counting.where(outside) : '0', ...seen],
    judge: ([beyond, ...found]) => {
      const missing = wanted.filter((_element, index) => found[index] !== true);
      return toFinding(Number(beyond) === 0 && missing.length === 0, form.relation === 'in' ? null : { missing }, Number(beyond));
    },
    ...(limited ? { examples: { values: [value], condition: outside } } : {}),
  };
}

const MOST_SHOWN = 20;

export function toModeProbe(form: Of<'most_common'>, value: Value, where: string | null): Own {
  const elements = toElements(value, form.values);
  return {
    kind: 'own',
    async ask(session, batch) {
      const groups = `SELECT ${value.sql} AS v, count(*) AS n FROM ${batch.from} WHERE ${and(where, `${value.sql} IS NOT NULL`)} GROUP BY 1`;
      const within = elements.length === 0 ? 'false' : `v IN (${elements.join(', ')})`;
      const modes = `SELECT v, n FROM (${groups}) QUALIFY n = max(n) OVER ()`;
      const [row = []] = await session.rows(
        `SELECT count(*), count(*) FILTER (WHERE ${within}), list(CAST(v AS VARCHAR) ORDER BY v)[1:${MOST_SHOWN}] FROM (${modes})`,
      );
      const [all, inside] = [Number(row[0]), Number(row[1])];
      const items = (row[2] as unknown as { readonly items: readonly string[] } | null)?.items ?? [];
      return toFinding(
        form.ties ? inside > 0 : all === 1 && inside === 1,
        items.map((text) => fromText(text, value.kind)),
      );
    },
  };
}

/** Positions among the sorted values, in the form of NumPy: q · (n − 1), and what is taken when it falls between two. */
function positions(q: number, n: number, interpolation: Of<'quantiles'>['interpolation']): readonly [number, number, number] {
  const at = q * (n - 1);
  const [low, high] = [Math.floor(at), Math.ceil(at)];
  switch (interpolation) {
    case 'lower':
      return [low, low, 0];
    case 'higher':
      return [high, high, 0];
    case 'midpoint':
      return [low, high, low === high ? 0 : 0.5];
    case 'linear':
      return [low, high, at - low];
    case 'nearest': {
      const nearest = at - low === 0.5 ? (low % 2 === 0 ? low : high) : Math.round(at);
      return [nearest, nearest, 0];
    }
  }
}

/** How far off a bound may be and still count, as in Great Expectations: relative, and absolute. */
const RELATIVE = 1e-4;
const ABSOLUTE = 1e-8;

/** Selects the k-th smallest values (from 0) of the n that are there, each as a DOUBLE. */
export type AtRanks = (ranks: readonly number[], n: number) => readonly string[];

export function toQuantilesProbe(form: Of<'quantiles'>, value: Value, atRanks?: AtRanks): Staged {
  if (!isNumeric(value)) throw new RangeError(`column "${value.name}" is ${value.type}, which has no quantiles`);
  // The k-th smallest of n is the discrete quantile at any share between (k − 1)/n and k/n.
  const pick: AtRanks =
    atRanks ?? ((ranks, n) => ranks.map((rank) => `CAST(quantile_disc(${value.sql}, ${toNumber((rank + 0.5) / n)}) AS DOUBLE)`));
  return {
    kind: 'staged',
    selects: [plain.there(value.sql)],
    asked: ([count]) => {
      const n = Number(count);
      const nothing = { quantiles: form.quantiles, values: form.quantiles.map(() => null) };
      if (n === 0) return { kind: 'pass', selects: [], judge: () => toFinding(false, nothing) };
      const taken = form.quantiles.map((q) => positions(q, n, form.interpolation));
      return {
        kind: 'pass',
        selects: pick(
          taken.flatMap(([low, high]) => [low, high]),
          n,
        ),
        judge: (answers) => {
          const values = taken.map(([, , share], at) => {
            const [low, high] = [Number(answers[2 * at]), Number(answers[2 * at + 1])];
            return share === 0 ? low : low + (high - low) * share;
          });
          const met = values.map((one, at) => isInRange(one, form.ranges[at] ?? [null, null]));
          return toFinding(met.every(Boolean), { quantiles: form.quantiles, values, success_details: met } as JsonValue);
        },
      };
    },
  };
}

function isInRange(value: number, [low, high]: readonly [number | null, number | null]): boolean {
  const near = (bound: number | null): boolean => bound !== null && Math.abs(value - bound) <= ABSOLUTE + RELATIVE * Math.abs(bound);
  return near(low) || near(high) || ((low === null || value >= low) && (high === null || value <= high));
}

export function isWithin(count: number, bounds: Bounds): boolean {
  const min = Number(bounds.min ?? -Infinity);
  const max = Number(bounds.max ?? Infinity);
  return (bounds.strictMin ? count > min : count >= min) && (bounds.strictMax ? count < max : count <= max);
}

export function toFreshProbe(form: Of<'fresh'>, value: Value, at: number | undefined): Pass {
  if (at === undefined) throw new RangeError('there is no moment to count ages to');
  const newest =
    value.kind === 'time' ? `epoch_ms(CAST(max(${value.sql}) AS TIMESTAMP))` : value.kind === 'integer' ? `max(${value.sql})` : undefined;
  if (newest === undefined)
    throw new RangeError(`column "${value.name}" is ${value.type}; ages are counted from times and from epoch milliseconds`);
  return {
    kind: 'pass',
    selects: [newest],
    judge: ([answer]) => {
      if (answer === null || answer === undefined) return toFinding(false, null, 0, 'there is no time to look at');
      const time = Number(answer);
      const shown = Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
      return toFinding(at - time <= form.maxAgeMs, { newest: shown, age_hours: Math.round((at - time) / 36_000) / 100 });
    },
  };
}
