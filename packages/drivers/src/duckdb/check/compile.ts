import { suggest, toAssertion } from '@pawl/core';
import type { Assertion, CheckRequest, Column, Expectation, TableSource } from '@pawl/core';
import type { Scan } from '../source.ts';
import { toDistinctSetProbe, toFreshProbe, toMeasureProbe, toModeProbe, toQuantilesProbe } from './aggregates.ts';
import { toWhere } from './condition.ts';
import { toAssociationProbe, toDistributionProbe, toDivergenceProbe, toFitProbe } from './distributions.ts';
import { toForeignProbe, toOrderProbe, toUniqueProbe } from './marked.ts';
import { toBroken } from './probe.ts';
import type { Batch, Probe } from './probe.ts';
import { askQuery } from './query.ts';
import { ofRows, plain, toRowFinding } from './domain.ts';
import { toPairProbe, toPairSetProbe, toRecordProbe, toRecordSumProbe, toSpreadProbe, toValueProbe } from './rows.ts';
import { toColumnCountProbe, toColumnExistsProbe, toColumnsProbe, toRowCountProbe, toSameRowCountProbe, toTypeProbe } from './shape.ts';
import { toTalliedProbe } from './tally.ts';
import type { Tallies } from './tally.ts';
import { toValue } from './value.ts';
import type { Value } from './value.ts';

/** What expectations are compiled against. */
export interface Setting {
  readonly source: TableSource;
  readonly batch: Batch;
  readonly references: Readonly<Record<string, Scan>>;
  readonly at: CheckRequest['at'];
  /** Columns without a single null, of those that were looked at. */
  readonly whole: ReadonlySet<string>;
  readonly tallies: Tallies;
}

/** Turns an expectation into what it asks of a table. One that cannot be asked becomes an `error` that says why. */
export function toProbe(expectation: Expectation, setting: Setting): Probe {
  try {
    return compile(toAssertion(expectation), setting);
  } catch (error) {
    if (error instanceof RangeError) return toBroken(error.message);
    throw error;
  }
}

function find(columns: readonly Column[], name: string, table: string): Column {
  const found = columns.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = columns.map((candidate) => candidate.name);
  const meant = suggest(name, names);
  throw new RangeError(
    `${table} no column "${name}"; ${meant === undefined ? `the columns are ${names.join(', ')}` : `did you mean "${meant}"?`}`,
  );
}

function compile(assertion: Assertion, setting: Setting): Probe {
  const value = (name: string): Value => toValue(find(setting.batch.columns, name, 'there is'));
  const where = assertion.where === null ? null : toWhere(assertion.where, value);
  return ofRows(compileOf(assertion, where, setting), where);
}

/** Only what needs a statement of its own puts `where` into it; the rest is asked of those rows. */
function compileOf(assertion: Assertion, where: string | null, { source, batch, references, at, tallies, whole }: Setting): Probe {
  const column = (name: string): Column => find(batch.columns, name, 'there is');
  const value = (name: string): Value => ({ ...toValue(column(name)), whole: whole.has(name) });
  const reference = (name: string): Scan => {
    const found = references[name];
    if (found === undefined) throw new RangeError(`there is no table "${name}" to compare with`);
    return found;
  };
  if (assertion.form !== 'value') {
    const tallied = toTalliedProbe(assertion, value, tallies);
    if (tallied !== undefined) return tallied;
  }
  switch (assertion.form) {
    case 'value':
      return toUntypedProbe(
        value(assertion.column),
        (one) => toTalliedProbe(assertion, value, tallies) ?? toValueProbe(assertion, one, where),
      );
    case 'pair':
      return toPairProbe(assertion, value(assertion.a), value(assertion.b));
    case 'pair_set':
      return toPairSetProbe(assertion, value(assertion.a), value(assertion.b));
    case 'record':
      return toRecordProbe(assertion, assertion.columns.map(value));
    case 'record_sum':
      return toRecordSumProbe(assertion, assertion.columns.map(value));
    case 'unique':
      return toUniqueProbe(assertion, assertion.columns.map(value), where);
    case 'order':
      return toOrderProbe(assertion, value(assertion.column), where);
    case 'spread':
      return toSpreadProbe(assertion, value(assertion.column));
    case 'foreign': {
      const { from, columns } = reference(assertion.reference);
      const other = toValue(find(columns, assertion.referenceColumn, `${assertion.reference} has`));
      return toForeignProbe(assertion, value(assertion.column), where, { from, value: other });
    }
    case 'measure':
      return toMeasureProbe(assertion, value(assertion.column));
    case 'distinct_set':
      return toDistinctSetProbe(assertion, value(assertion.column));
    case 'most_common':
      return toModeProbe(assertion, value(assertion.column), where);
    case 'quantiles':
      return toQuantilesProbe(assertion, value(assertion.column));
    case 'divergence':
      return toDivergenceProbe(assertion, value(assertion.column), where);
    case 'fit':
      return toFitProbe(assertion, value(assertion.column), where);
    case 'association':
      return toAssociationProbe(assertion, value(assertion.a), value(assertion.b), where);
    case 'distribution': {
      const { from, columns } = reference(assertion.reference);
      const other = toValue(find(columns, assertion.column, `${assertion.reference} has`));
      return toDistributionProbe(assertion, value(assertion.column), where, { from, value: other });
    }
    case 'fresh':
      return toFreshProbe(assertion, value(assertion.column), at);
    case 'type':
      return toTypeProbe(assertion, column(assertion.column));
    case 'row_count':
      return toRowCountProbe(assertion);
    case 'same_row_count':
      return toSameRowCountProbe(reference(assertion.reference));
    case 'column_count':
      return toColumnCountProbe(assertion, batch.columns);
    case 'column_exists':
      return toColumnExistsProbe(assertion, batch.columns);
    case 'columns':
      return toColumnsProbe(assertion, batch.columns);
    case 'query':
      return { kind: 'own', ask: () => askQuery(source, assertion.query) };
    case 'broken':
      return toBroken(assertion.problem);
  }
}

/** A column without a single value has the type that was guessed for it: what does not suit that type is not held against it. */
function toUntypedProbe(value: Value, make: (value: Value) => Probe): Probe {
  try {
    return make(value);
  } catch (error) {
    if (!(error instanceof RangeError) || value.kind !== 'text') throw error;
    const { message } = error;
    return {
      kind: 'pass',
      selects: [plain.all, plain.there(value.sql)],
      judge: ([elements, present], rows) =>
        Number(present) === 0 ? toRowFinding(Number(elements), 0, 0, 1) : toBroken(message).judge([], rows),
    };
  }
}
