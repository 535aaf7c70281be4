import { meetsMostly } from '@pawl/core';
import type { Form, IgnoreRow } from '@pawl/core';
import type { Finding, Pass } from './probe.ts';
import type { Value } from './value.ts';

export type Of<Name extends Form['form']> = Extract<Form, { form: Name }>;

/** Which rows are looked at (null: all), and which of them have something to look at (null: all). */
export interface Domain {
  readonly where: string | null;
  readonly present: string | null;
}

export function and(...conditions: readonly (string | null)[]): string {
  const parts = conditions.filter((condition) => condition !== null);
  return parts.length === 0 ? 'true' : parts.map((part) => `(${part})`).join(' AND ');
}

/** Counts the rows that meet a condition. */
export type CountIf = (condition: string) => string;

export function countIf(condition: string): string {
  return condition === 'true' ? 'count(*)' : `count(*) FILTER (WHERE ${condition})`;
}

/** `IS NOT TRUE`, because with NOT a comparison with null would pass. */
export function toRowPass(
  { where, present }: Domain,
  met: string,
  values: readonly Value[],
  mostly: number,
  count: CountIf = countIf,
): Pass {
  const unexpected = and(where, present, `(${met}) IS NOT TRUE`);
  return {
    kind: 'pass',
    selects: [count(and(where)), count(and(where, present)), count(unexpected)],
    judge: ([elements, considered, missed]) => toRowFinding(Number(elements), Number(considered), Number(missed), mostly, present !== null),
    examples: { values, condition: unexpected },
  };
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
  return values.map(({ sql }) => `${sql} IS NOT NULL`).join(ignore === 'any_missing' ? ' AND ' : ' OR ');
}
