import type { Assertion, Measure } from './assertion.ts';
import { toExactly, toKwargs, toNumberBounds } from './kwargs.ts';
import type { Kwargs } from './kwargs.ts';
import { toPattern } from './pattern.ts';
import type { Expectation } from './types.ts';

/** One word of the vocabulary: Great Expectations' name and keyword arguments. */
export interface ExpectationWord {
  readonly type: string;
  /** Names of its keyword arguments. */
  readonly kwargs: readonly string[];
  /** Whether one record alone can be judged by it, as serving does. */
  readonly perRecord: boolean;
}

interface Entry extends ExpectationWord {
  readonly read: (kwargs: Kwargs) => Assertion;
}

/** Taken on every expectation and without effect on the verdict. */
const EVERYWHERE: readonly string[] = ['meta', 'notes', 'result_format'];
const BOUNDS: readonly string[] = ['min_value', 'max_value', 'strict_min', 'strict_max'];
const pairIgnore = { both_values_are_missing: 'all_missing', either_value_is_missing: 'any_missing', neither: 'never' } as const;
const rowIgnore = { all_values_are_missing: 'all_missing', any_value_is_missing: 'any_missing', never: 'never' } as const;

function word(type: string, perRecord: boolean, kwargs: readonly string[], read: (kwargs: Kwargs) => Assertion): Entry {
  return { type: `expect_${type}`, kwargs: [...kwargs, ...EVERYWHERE], perRecord, read };
}

/** About each value of one column. */
function values(
  type: string,
  kwargs: readonly string[],
  condition: (kwargs: Kwargs) => Extract<Assertion, { form: 'value' }>['condition'],
): Entry {
  return word(`column_value${type}`, true, ['column', 'mostly', ...kwargs], (k) => ({
    form: 'value',
    column: k.text('column'),
    condition: condition(k),
    mostly: k.mostly(),
  }));
}

function measure(name: string, of: Measure, bounds: (kwargs: Kwargs) => ReturnType<Kwargs['bounds']>): Entry {
  return word(`column_${name}_to_be_between`, false, ['column', ...BOUNDS], (k) => ({
    form: 'measure',
    column: k.text('column'),
    measure: of,
    bounds: bounds(k),
  }));
}

function distinct(name: string, relation: 'in' | 'contains' | 'equals'): Entry {
  return word(`column_distinct_values_to_${name}_set`, false, ['column', 'value_set'], (k) => {
    const set = k.values('value_set');
    if (set === null) throw new RangeError('"value_set" must be a list');
    return { form: 'distinct_set', column: k.text('column'), relation, values: set };
  });
}

function pair(name: string, kwargs: readonly string[], compare: (kwargs: Kwargs) => 'equal' | 'greater' | 'greater_or_equal'): Entry {
  return word(`column_pair_values_${name}`, true, ['column_A', 'column_B', 'mostly', 'ignore_row_if', ...kwargs], (k) => ({
    form: 'pair',
    a: k.text('column_A'),
    b: k.text('column_B'),
    compare: compare(k),
    ignore: k.ignore(pairIgnore, 'all_missing'),
    mostly: k.mostly(),
  }));
}

const numeric = (k: Kwargs): ReturnType<Kwargs['bounds']> => toNumberBounds(k.bounds());

const entries: readonly Entry[] = [
  values('s_to_not_be_null', [], () => ({ is: 'not_null' })),
  values('s_to_be_null', [], () => ({ is: 'null' })),
  values('s_to_be_between', BOUNDS, (k) => ({ is: 'between', bounds: k.bounds() })),
  values('s_to_be_in_set', ['value_set'], (k) => ({ is: 'in_set', values: k.values('value_set') })),
  values('s_to_not_be_in_set', ['value_set'], (k) => ({ is: 'not_in_set', values: k.values('value_set') ?? [] })),
  values('s_to_match_regex', ['regex'], (k) => ({ is: 'match', pattern: toPattern(k.text('regex')) })),
  values('s_to_not_match_regex', ['regex'], (k) => ({ is: 'not_match', pattern: toPattern(k.text('regex')) })),
  values('_lengths_to_be_between', BOUNDS, (k) => ({ is: 'length_between', bounds: numeric(k) })),
  values('_lengths_to_equal', ['value'], (k) => ({ is: 'length_between', bounds: toExactly(k.number('value')) })),
  word('column_values_to_be_unique', false, ['column', 'mostly'], (k) => ({
    form: 'unique',
    columns: [k.text('column')],
    ignore: 'all_missing',
    mostly: k.mostly(),
  })),
  word('column_values_to_be_of_type', false, ['column', 'type_'], (k) => ({
    form: 'type',
    column: k.text('column'),
    types: [k.text('type_')],
  })),
  word('column_values_to_be_in_type_list', false, ['column', 'type_list'], (k) => ({
    form: 'type',
    column: k.text('column'),
    types: k.texts('type_list'),
  })),
  pair('to_be_equal', [], () => 'equal'),
  pair('a_to_be_greater_than_b', ['or_equal'], (k) => (k.flag('or_equal', false) ? 'greater_or_equal' : 'greater')),
  word('compound_columns_to_be_unique', false, ['column_list', 'mostly', 'ignore_row_if'], (k) => ({
    form: 'unique',
    columns: k.texts('column_list'),
    ignore: k.ignore(rowIgnore, 'all_missing'),
    mostly: k.mostly(),
  })),
  measure('min', 'min', (k) => k.bounds()),
  measure('max', 'max', (k) => k.bounds()),
  measure('mean', 'mean', numeric),
  measure('median', 'median', numeric),
  measure('sum', 'sum', numeric),
  measure('stdev', 'stdev', numeric),
  measure('unique_value_count', 'distinct', numeric),
  measure('proportion_of_unique_values', 'distinct_share', numeric),
  distinct('be_in', 'in'),
  distinct('contain', 'contains'),
  distinct('equal', 'equals'),
  word('table_row_count_to_be_between', false, BOUNDS, (k) => ({ form: 'row_count', bounds: numeric(k) })),
  word('table_row_count_to_equal', false, ['value'], (k) => ({ form: 'row_count', bounds: toExactly(k.number('value')) })),
  word('table_column_count_to_be_between', false, BOUNDS, (k) => ({ form: 'column_count', bounds: numeric(k) })),
  word('table_column_count_to_equal', false, ['value'], (k) => ({ form: 'column_count', bounds: toExactly(k.number('value')) })),
  word('column_to_exist', false, ['column', 'column_index'], (k) => ({
    form: 'column_exists',
    column: k.text('column'),
    index: k.index('column_index'),
  })),
  word('table_columns_to_match_ordered_list', false, ['column_list'], (k) => ({
    form: 'columns',
    columns: k.texts('column_list'),
    ordered: true,
    exact: true,
  })),
  word('table_columns_to_match_set', false, ['column_set', 'exact_match'], (k) => ({
    form: 'columns',
    columns: k.texts('column_set'),
    ordered: false,
    exact: k.flag('exact_match', true),
  })),
];

const byType: ReadonlyMap<string, Entry> = new Map(entries.map((entry) => [entry.type, entry]));

/** Every expectation that a suite may hold. */
export const vocabulary: readonly ExpectationWord[] = entries.map(({ type, kwargs, perRecord }) => ({ type, kwargs, perRecord }));

/** Reads what an expectation says; one that says nothing that can be evaluated becomes `broken` with one line of reason. Never throws. */
export function toAssertion(expectation: Expectation): Assertion {
  const entry = byType.get(expectation.type);
  if (entry === undefined) return { form: 'broken', problem: `there is no expectation of type "${expectation.type}"` };
  const stray = Object.keys(expectation.kwargs).find((name) => !entry.kwargs.includes(name));
  if (stray !== undefined)
    return { form: 'broken', problem: `"${stray}" is not an argument of ${entry.type}; it takes ${entry.kwargs.join(', ')}` };
  try {
    return entry.read(toKwargs(expectation.kwargs));
  } catch (error) {
    if (error instanceof RangeError) return { form: 'broken', problem: error.message };
    throw error;
  }
}
