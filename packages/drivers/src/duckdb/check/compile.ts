import { toAssertion } from '@pawl/core';
import type { Column, Expectation } from '@pawl/core';
import type { Scan } from '../source.ts';
import {
  toColumnCountProbe,
  toColumnExistsProbe,
  toColumnsProbe,
  toDistinctSetProbe,
  toMeasureProbe,
  toRowCountProbe,
  toTypeProbe,
} from './aggregates.ts';
import { toSettled } from './probe.ts';
import type { Probe } from './probe.ts';
import { toPairProbe, toUniqueProbe, toValueProbe } from './rows.ts';
import { toValue } from './value.ts';
import type { Value } from './value.ts';

/** Turns an expectation into what it asks of a table. One that cannot be asked becomes an `error` that says why. */
export function toProbe(expectation: Expectation, scan: Scan): Probe {
  try {
    return compile(expectation, scan);
  } catch (error) {
    if (error instanceof RangeError) return toBroken(error.message);
    throw error;
  }
}

export function toBroken(problem: string): Probe {
  return toSettled({ outcome: 'error', unexpectedCount: 0, observed: null, note: problem });
}

function compile(expectation: Expectation, scan: Scan): Probe {
  const assertion = toAssertion(expectation);
  const column = (name: string): Column => {
    const found = scan.columns.find((candidate) => candidate.name === name);
    if (found === undefined)
      throw new RangeError(`there is no column "${name}"; the columns are ${scan.columns.map((candidate) => candidate.name).join(', ')}`);
    return found;
  };
  const value = (name: string): Value => toValue(column(name));
  switch (assertion.form) {
    case 'value':
      return toValueProbe(assertion, value(assertion.column));
    case 'pair':
      return toPairProbe(assertion, value(assertion.a), value(assertion.b));
    case 'unique':
      return toUniqueProbe(assertion, assertion.columns.map(value), scan.from);
    case 'measure':
      return toMeasureProbe(assertion, value(assertion.column));
    case 'distinct_set':
      return toDistinctSetProbe(assertion, value(assertion.column));
    case 'type':
      return toTypeProbe(assertion, column(assertion.column));
    case 'row_count':
      return toRowCountProbe(assertion);
    case 'column_count':
      return toColumnCountProbe(assertion, scan.columns);
    case 'column_exists':
      return toColumnExistsProbe(assertion, scan.columns);
    case 'columns':
      return toColumnsProbe(assertion, scan.columns);
    case 'broken':
      return toBroken(assertion.problem);
  }
}
