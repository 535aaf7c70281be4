import { toExactly, toNumberBounds } from '../kwargs.ts';
import type { Kwargs } from '../kwargs.ts';
import { BOUNDS, word } from './word.ts';
import type { Word } from './word.ts';

const type = (k: Kwargs, types: readonly string[]) => ({ form: 'type' as const, column: k.text('column'), types });

export const tableWords: readonly Word[] = [
  word('expect_column_values_to_be_of_type', ['column', 'type_', 'mostly?'], (k) => type(k, [k.text('type_')])),
  word('expect_column_type_to_be', ['column', 'type_'], (k) => type(k, [k.text('type_')])),
  word('expect_column_values_to_be_in_type_list', ['column', 'type_list', 'mostly?'], (k) => type(k, k.texts('type_list'))),
  word('expect_table_row_count_to_be_between', BOUNDS, (k) => ({ form: 'row_count', bounds: toNumberBounds(k.bounds()) })),
  word('expect_table_row_count_to_equal', ['value'], (k) => ({ form: 'row_count', bounds: toExactly(k.number('value')) })),
  word('expect_table_row_count_to_equal_other_table', ['other_table_name'], (k) => ({
    form: 'same_row_count',
    reference: k.text('other_table_name'),
  })),
  word('expect_table_column_count_to_be_between', BOUNDS, (k) => ({ form: 'column_count', bounds: toNumberBounds(k.bounds()) })),
  word('expect_table_column_count_to_equal', ['value'], (k) => ({ form: 'column_count', bounds: toExactly(k.number('value')) })),
  word('expect_column_to_exist', ['column', 'column_index?'], (k) => ({
    form: 'column_exists',
    column: k.text('column'),
    index: k.index('column_index'),
  })),
  word('expect_table_columns_to_match_ordered_list', ['column_list'], (k) => ({
    form: 'columns',
    columns: k.texts('column_list'),
    ordered: true,
    exact: true,
  })),
  word('expect_table_columns_to_match_set', ['column_set', 'exact_match?'], (k) => ({
    form: 'columns',
    columns: k.texts('column_set'),
    ordered: false,
    exact: k.flag('exact_match', true),
  })),
  word('unexpected_rows_expectation', ['unexpected_rows_query'], (k) => ({ form: 'query', query: k.text('unexpected_rows_query') })),
];
