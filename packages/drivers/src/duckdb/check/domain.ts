import { meetsMostly } from '@pawl/core';
import type { Form, IgnoreRow } from '@pawl/core';
import type { Finding, Pass, Probe } from './probe.ts';
import type { Value } from './value.ts';

export type Of<Name extends Form['form']> = Extract<Form, { form: Name }>;

export function and(...conditions: readonly (string | null)[]): string {
  const parts = conditions.filter((condition) => condition !== null);
  return parts.length === 0 ? 'true' : parts.map((part) => `(${part})`).join(' AND ');
}

/** How rows are counted: each once, or in a table that says how often each occurs. */
export interface Counting {
  readonly all: string;
  /** Those where a value is there: of a Parquet file its own figures say it, where no row need be read. */
  there(sql: string): string;
  where(condition: string): string;
}

export const plain: Counting = {
  all: 'count(*)',
  there: (sql) => `count(${sql})`,
  where: (condition) => (condition === 'true' ? 'count(*)' : `count(*) FILTER (WHERE ${condition})`),
};

/** Rows of which something is expected, and those that break it among those that have something to look at. */
export interface Expected {
  readonly values: readonly Value[];
  /** Which rows have something to look at; null: all. */
  readonly present: string | null;
  /** True of the rows that break it; of rows that have nothing to look at it may say anything. */
  readonly broken: string;
  readonly mostly: number;
}

/** What is not known to be true is broken: with NOT, a comparison with null would pass. */
export function toUnmet(met: string): string {
  return `(${met}) IS NOT TRUE`;
}

export function toRowPass({ values, present, broken, mostly }: Expected, counting: Counting = plain): Pass {
  // Few rows meet the first part, so the second is asked of few.
  const unexpected = and(broken, present);
  const [single] = values;
  const isThere = single !== undefined && present === toThere(single);
  const considered = isThere ? counting.there(single.sql) : present === null ? counting.all : counting.where(present);
  return {
    kind: 'pass',
    selects: [counting.all, considered, counting.where(unexpected)],
    judge: ([elements, looked, missed]) => toRowFinding(Number(elements), Number(looked), Number(missed), mostly, present !== null),
    examples: { values, condition: unexpected },
  };
}

export function toThere({ sql }: Value): string {
  return `${sql} IS NOT NULL`;
}

export function toRowFinding(elements: number, considered: number, unexpected: number, mostly: number, skipsMissing = true): Finding {
  return {
    outcome: meetsMostly(considered, unexpected, mostly) ? 'passed' : 'failed',
    elementCount: elements,
    missingCount: skipsMissing ? elements - considered : 0,
    unexpectedCount: unexpected,
    observed: null,
    note: considered === 0 ? 'vacuous: there was no value to look at' : null,
  };
}

/** Null when every row has something to look at. */
export function toPresent(values: readonly Value[], ignore: IgnoreRow): string | null {
  if (ignore === 'never') return null;
  const doubtful = values.filter((value) => value.whole !== true);
  if (doubtful.length === 0 || (ignore === 'all_missing' && doubtful.length < values.length)) return 'true';
  return doubtful.map(toThere).join(ignore === 'any_missing' ? ' AND ' : ' OR ');
}

/** The probe asked of the rows that meet a condition. Each condition is a scan of its own, of the few columns at hand: far cheaper than a filter of every aggregate. */
export function ofRows(probe: Probe, where: string | null): Probe {
  if (where === null || probe.kind === 'own') return probe;
  if (probe.kind === 'staged') return { ...probe, where, asked: (answers, rows) => restrict(probe.asked(answers, rows), where) };
  return restrict(probe, where);
}

function restrict(pass: Pass, where: string): Pass {
  const { examples } = pass;
  return { ...pass, where, ...(examples === undefined ? {} : { examples: { ...examples, condition: and(where, examples.condition) } }) };
}
