import { toAssertion } from '@pawl/core';
import type { Assertion, Bounds, Expectation } from '@pawl/core';
import type { Session } from '../session.ts';
import { toIdentifier } from '../sql.ts';
import { toDistinctSetProbe, toQuantilesProbe } from './aggregates.ts';
import type { Counting, Of } from './domain.ts';
import { toFinding } from './probe.ts';
import type { Batch, Pass, Probe, Staged } from './probe.ts';
import { toSpreadProbe, toValueProbe } from './rows.ts';
import { fromText, isNumeric, toValue, toWithin } from './value.ts';
import type { Value } from './value.ts';

/**
 * A column with few different values is counted once by value: `v`, how often `n`, and how many values that are there come up to it, `c`. All that is asked of the column
 * alone is then asked of that small table, exactly, however many rows there are.
 */
export type Tallies = ReadonlyMap<string, string>;

/** A tally must pay: columns asked about once are as fast in the one pass, and of many values grouping costs more than it saves. */
const LEAST_QUESTIONS = 2;
const MOST_VALUES = 4000;
/** Rows that are looked at to guess how many values there are. A wrong guess costs time, never a result. */
const LOOKED_AT = 20_000;

const TALLIED: ReadonlySet<string> = new Set(['value', 'measure', 'quantiles', 'spread', 'distinct_set']);

export async function openTallies(session: Session, batch: Batch, expectations: readonly Expectation[]): Promise<Tallies> {
  const questions = new Map<string, number>();
  for (const assertion of expectations.map(toAssertion)) {
    if (assertion.where === null && TALLIED.has(assertion.form) && 'column' in assertion)
      questions.set(assertion.column, (questions.get(assertion.column) ?? 0) + 1);
  }
  const columns = batch.columns.filter(({ name }) => (questions.get(name) ?? 0) >= LEAST_QUESTIONS);
  const values = columns.map(toValue).filter(({ kind }) => kind !== 'other' && kind !== 'time');
  if (values.length === 0) return new Map();
  const guesses = values.map(({ name }, at) => `approx_count_distinct(${toIdentifier(name)}) AS a${at}`);
  const [guess = []] = await session.rows(`SELECT ${guesses.join(', ')} FROM ${batch.head(LOOKED_AT)}`);
  const tallies = new Map<string, string>();
  for (const [at, value] of values.entries()) {
    if (Number(guess[at]) > MOST_VALUES) continue;
    const table = `"pawl tally ${at}"`;
    const counted = `SELECT ${value.sql} AS v, count(*) AS n FROM ${batch.from} GROUP BY 1`;
    await session.connection.run(
      `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT v, n, sum(n) OVER (ORDER BY v NULLS LAST) AS c FROM (${counted})`,
    );
    tallies.set(value.name, table);
  }
  return tallies;
}

/** Rows of a tally that meet a condition, weighed. */
const weighed: Counting = {
  all: 'coalesce(sum(n), 0)',
  there: (sql) => `coalesce(sum(n) FILTER (WHERE ${sql} IS NOT NULL), 0)`,
  where: (condition) => `coalesce(sum(n) FILTER (WHERE ${condition}), 0)`,
};

/** The probe asked of the tally of its column; undefined when it has none, or is about more than that column. Samples are looked for in the rows. */
export function toTalliedProbe(assertion: Assertion, column: (name: string) => Value, tallies: Tallies): Probe | undefined {
  if (assertion.where !== null || !('column' in assertion)) return undefined;
  const from = tallies.get(assertion.column);
  if (from === undefined) return undefined;
  const value = column(assertion.column);
  const tallied: Value = { ...value, sql: 'v' };
  switch (assertion.form) {
    case 'value': {
      const probe = toValueProbe(assertion, tallied, null, weighed);
      const plain = toValueProbe(assertion, value, null);
      return probe.kind === 'pass' && plain.kind === 'pass' ? { ...probe, from, ...examplesOf(plain) } : undefined;
    }
    case 'distinct_set':
      return { ...toDistinctSetProbe(assertion, tallied, weighed), from, ...examplesOf(toDistinctSetProbe(assertion, value)) };
    case 'spread': {
      if (assertion.method === 'iqr' || !isNumeric(value)) return undefined;
      const source = { selects: [toMoments(value).mean, deviation(value, from)], counting: weighed } as const;
      const plain = toSpreadProbe(assertion, value);
      const staged = toSpreadProbe(assertion, tallied, source);
      return {
        ...staged,
        from,
        asked: (answers, rows) => ({ ...staged.asked(answers, rows), from, ...examplesOf(plain.asked(answers, rows)) }),
      };
    }
    case 'quantiles':
      return toRanked(assertion, value, from);
    case 'measure':
      return toMeasure(assertion, value, from);
    default:
      return undefined;
  }
}

function examplesOf({ examples }: Pass): Pick<Pass, 'examples'> {
  return examples === undefined ? {} : { examples };
}

const PRESENT = 'v IS NOT NULL';
const N = `coalesce(sum(n) FILTER (WHERE ${PRESENT}), 0)`;

function toMoments(value: Value): { readonly sum: string; readonly mean: string } {
  const sum = `sum(CAST(v AS ${value.kind === 'integer' ? 'HUGEINT' : 'DOUBLE'}) * n)`;
  return { sum, mean: `(CAST(${sum} AS DOUBLE) / nullif(${N}, 0))` };
}

/** Of moments about a mean that must be known: Σ n (v − mean)² loses nothing to cancellation. */
function deviation(value: Value, from: string): string {
  const { mean } = toMoments(value);
  return `sqrt(sum(n * power(CAST(v AS DOUBLE) - (SELECT ${mean} FROM ${from}), 2)) / nullif(${N} - 1, 0))`;
}

/** The k-th smallest, from 0. */
const ranked = (k: number): string => `CAST(min(v) FILTER (WHERE ${PRESENT} AND c > ${k}) AS DOUBLE)`;

function toRanked(form: Of<'quantiles'>, value: Value, from: string): Staged {
  const plain = toQuantilesProbe(form, value, (ranks) => ranks.map(ranked));
  return { ...plain, selects: [N], from, asked: (answers, rows) => ({ ...plain.asked(answers, rows), from }) };
}

/** The mean of the two in the middle, which are one of an odd number. */
function toMedian(bounds: Bounds, value: Value, from: string): Staged {
  return {
    kind: 'staged',
    from,
    selects: [N],
    asked: ([count]) => {
      const last = Number(count) - 1;
      const sql = last < 0 ? 'NULL' : `((${ranked(Math.floor(last / 2))} + ${ranked(Math.ceil(last / 2))}) / 2)`;
      return { kind: 'pass', from, ...toBounded(sql, bounds, { ...value, kind: 'fraction' }) };
    },
  };
}

function toMeasure({ measure, bounds }: Of<'measure'>, value: Value, from: string): Probe | undefined {
  if (measure === 'median') return isNumeric(value) ? toMedian(bounds, value, from) : undefined;
  const { sum, mean } = toMoments(value);
  const aggregates: Readonly<Partial<Record<typeof measure, string>>> = {
    min: 'min(v)',
    max: 'max(v)',
    distinct: 'count(v)',
    distinct_share: `coalesce(count(v) / nullif(${N}, 0), 0.0)`,
    present_share: `${N} / nullif(sum(n), 0)`,
    ...(isNumeric(value) ? { sum, mean, stdev: deviation(value, from) } : {}),
  };
  const sql = aggregates[measure];
  if (sql === undefined) return undefined;
  const ordered = measure === 'min' || measure === 'max';
  const kind = ordered || measure === 'sum' ? value.kind : measure === 'distinct' ? 'integer' : 'fraction';
  return { kind: 'pass', from, ...toBounded(sql, bounds, { ...value, kind }) };
}

function toBounded(sql: string, bounds: Bounds, result: Value): Pick<Pass, 'selects' | 'judge'> {
  return {
    selects: [`CAST(${sql} AS VARCHAR)`, toWithin(sql, bounds, result)],
    judge: ([observed, within]) =>
      toFinding(within === true, fromText(observed === null || observed === undefined ? null : String(observed), result.kind)),
  };
}
