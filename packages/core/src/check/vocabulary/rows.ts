import type { CellValue } from '../../serving/types.ts';
import type { Form } from '../assertion.ts';
import { KwargProblem } from '../kwargs.ts';
import type { Kwargs } from '../kwargs.ts';
import { word } from './word.ts';
import type { Word } from './word.ts';

const pairIgnore = { both_values_are_missing: 'all_missing', either_value_is_missing: 'any_missing', neither: 'never' } as const;
const rowIgnore = { all_values_are_missing: 'all_missing', any_value_is_missing: 'any_missing', never: 'never' } as const;

/** About two columns of each row. */
function pair(name: string, kwargs: readonly string[], read: (k: Kwargs) => Form): Word {
  return word(`expect_column_pair_values_${name}`, ['column_A', 'column_B', ...kwargs, 'mostly?', 'ignore_row_if?'], read, true);
}

const sides = (k: Kwargs) => ({
  a: k.text('column_A'),
  b: k.text('column_B'),
  ignore: k.ignore(pairIgnore, 'all_missing'),
  mostly: k.share('mostly', 1),
});

/** About several columns of each row. */
function several(name: string, kwargs: readonly string[], read: (k: Kwargs) => Form, perRecord: boolean): Word {
  return word(`expect_${name}`, ['column_list', ...kwargs, 'mostly?', 'ignore_row_if?'], read, perRecord);
}

const columns = (k: Kwargs) => ({
  columns: k.texts('column_list'),
  ignore: k.ignore(rowIgnore, 'all_missing'),
  mostly: k.share('mostly', 1),
});

function pairs(k: Kwargs): readonly (readonly [CellValue, CellValue])[] | null {
  const set = k.value('value_pairs_set');
  if (set === undefined) return null;
  const isPair = (one: unknown): boolean =>
    Array.isArray(one) && one.length === 2 && one.every((cell) => typeof cell !== 'object' || cell === null);
  if (!Array.isArray(set) || !set.every(isPair))
    throw new KwargProblem('value_pairs_set', '"value_pairs_set" must be a list of pairs of values');
  return set as unknown as readonly (readonly [CellValue, CellValue])[];
}

function ordered(rising: boolean): Word {
  return word(`expect_column_values_to_be_${rising ? 'increasing' : 'decreasing'}`, ['column', 'strictly?', 'mostly?'], (k) => ({
    form: 'order',
    column: k.text('column'),
    rising,
    strictly: k.flag('strictly', false),
    mostly: k.share('mostly', 1),
  }));
}

export const rowWords: readonly Word[] = [
  pair('to_be_equal', [], (k) => ({ form: 'pair', compare: 'equal', ...sides(k) })),
  pair('a_to_be_greater_than_b', ['or_equal?'], (k) => ({
    form: 'pair',
    compare: k.flag('or_equal', false) ? 'greater_or_equal' : 'greater',
    ...sides(k),
  })),
  pair('to_be_in_set', ['value_pairs_set'], (k) => ({ form: 'pair_set', pairs: pairs(k), ...sides(k) })),
  several('select_column_values_to_be_unique_within_record', [], (k) => ({ form: 'record', are: 'different', ...columns(k) }), true),
  // Its name before; Great Expectations still accepts it.
  several('multicolumn_values_to_be_unique', [], (k) => ({ form: 'record', are: 'different', ...columns(k) }), true),
  several('multicolumn_values_to_be_equal', [], (k) => ({ form: 'record', are: 'equal', ...columns(k) }), true),
  several('multicolumn_sum_to_equal', ['sum_total'], (k) => ({ form: 'record_sum', total: k.number('sum_total'), ...columns(k) }), true),
  several('compound_columns_to_be_unique', [], (k) => ({ form: 'unique', ...columns(k) }), false),
  word('expect_column_values_to_be_unique', ['column', 'mostly?'], (k) => ({
    form: 'unique',
    columns: [k.text('column')],
    ignore: 'all_missing',
    mostly: k.share('mostly', 1),
  })),
  ordered(true),
  ordered(false),
  word('expect_column_value_z_scores_to_be_less_than', ['column', 'threshold', 'double_sided?', 'mostly?'], (k) => ({
    form: 'spread',
    column: k.text('column'),
    method: 'z',
    limit: k.number('threshold'),
    doubleSided: k.flag('double_sided', true),
    mostly: k.share('mostly', 1),
  })),
  word('expect_column_values_to_not_be_outliers', ['column', 'method?', 'multiplier?', 'mostly?'], (k) => ({
    form: 'spread',
    column: k.text('column'),
    method: k.choice('method', ['iqr', 'std'], 'iqr'),
    limit: k.number('multiplier', 1.5),
    doubleSided: true,
    mostly: k.share('mostly', 1),
  })),
  word('expect_column_values_to_be_in_other_table', ['column', 'other_table_name', 'other_column?', 'mostly?'], (k) => ({
    form: 'foreign',
    column: k.text('column'),
    reference: k.text('other_table_name'),
    referenceColumn: k.text('other_column', k.text('column')),
    mostly: k.share('mostly', 1),
  })),
];
