import type { CellValue } from '../../serving/types.ts';
import type { DistributionTest, Measure } from '../assertion.ts';
import { KwargProblem, toNumberBounds } from '../kwargs.ts';
import type { Kwargs } from '../kwargs.ts';
import { readPartition } from '../partition.ts';
import { BOUNDS, word } from './word.ts';
import type { Word } from './word.ts';

function measure(name: string, of: Measure): Word {
  return word(`expect_column_${name}_to_be_between`, ['column', ...BOUNDS], (k) => ({
    form: 'measure',
    column: k.text('column'),
    measure: of,
    bounds: of === 'min' || of === 'max' ? k.bounds() : toNumberBounds(k.bounds()),
  }));
}

function distinct(name: string, relation: 'in' | 'contains' | 'equals'): Word {
  return word(`expect_column_distinct_values_to_${name}_set`, ['column', 'value_set'], (k) => ({
    form: 'distinct_set',
    column: k.text('column'),
    relation,
    values: set(k),
  }));
}

function set(k: Kwargs): readonly CellValue[] {
  const values = k.values('value_set');
  if (values === null) throw new KwargProblem('value_set', '"value_set" must be a list');
  return values;
}

interface QuantileRanges {
  readonly quantiles: readonly number[];
  readonly ranges: readonly (readonly [number | null, number | null])[];
}

function quantileRanges(k: Kwargs): QuantileRanges {
  const refuse = (problem: string): KwargProblem => new KwargProblem('quantile_ranges', `"quantile_ranges" ${problem}`);
  const given = k.value('quantile_ranges');
  if (typeof given !== 'object' || Array.isArray(given)) throw refuse('must be an object with "quantiles" and "value_ranges"');
  const { quantiles, value_ranges: ranges } = given as Readonly<Record<string, unknown>>;
  if (!Array.isArray(quantiles) || quantiles.length === 0 || !quantiles.every((one) => typeof one === 'number' && one >= 0 && one <= 1))
    throw refuse('needs "quantiles": a list of numbers between 0 and 1');
  const isSide = (side: unknown): boolean => side === null || typeof side === 'number';
  if (!Array.isArray(ranges) || !ranges.every((one) => Array.isArray(one) && one.length === 2 && one.every(isSide)))
    throw refuse('needs "value_ranges": a list of [low, high], each a number or null');
  if (ranges.length !== quantiles.length) throw refuse(`has ${quantiles.length} quantiles and ${ranges.length} ranges`);
  if (ranges.some(([low, high]) => low !== null && high !== null && low > high))
    throw refuse('has a range whose low end is above its high end');
  return { quantiles: quantiles as number[], ranges: ranges as unknown as QuantileRanges['ranges'] };
}

const INTERPOLATIONS = ['nearest', 'linear', 'lower', 'higher', 'midpoint'] as const;

/** Where a comparison draws the line when nothing is said: the drift rule's own numbers for `effect`, the usual ones elsewhere. */
const LIMITS: Readonly<Record<DistributionTest, number>> = { effect: 0.02, ks: 0.01, chi_square: 0.01, psi: 0.1, kl: 0.1, js: 0.1 };

export const columnWords: readonly Word[] = [
  measure('min', 'min'),
  measure('max', 'max'),
  measure('mean', 'mean'),
  measure('median', 'median'),
  measure('sum', 'sum'),
  measure('stdev', 'stdev'),
  measure('unique_value_count', 'distinct'),
  measure('proportion_of_unique_values', 'distinct_share'),
  measure('proportion_of_non_null_values', 'present_share'),
  distinct('be_in', 'in'),
  distinct('contain', 'contains'),
  distinct('equal', 'equals'),
  word('expect_column_most_common_value_to_be_in_set', ['column', 'value_set', 'ties_okay?'], (k) => ({
    form: 'most_common',
    column: k.text('column'),
    values: set(k),
    ties: k.flag('ties_okay', false),
  })),
  word('expect_column_quantile_values_to_be_between', ['column', 'quantile_ranges', 'allow_relative_error?'], (k) => ({
    form: 'quantiles',
    column: k.text('column'),
    ...quantileRanges(k),
    interpolation: k.value('allow_relative_error') === false ? 'nearest' : k.choice('allow_relative_error', INTERPOLATIONS, 'nearest'),
  })),
  word(
    'expect_column_kl_divergence_to_be_less_than',
    [
      'column',
      'partition_object',
      'threshold?',
      'bucketize_data?',
      'tail_weight_holdout?',
      'internal_weight_holdout?',
      'min_value',
      'max_value',
    ],
    (k) => {
      const partition = readPartition(k.all);
      if (!k.flag('bucketize_data', true) && partition.kind === 'bins')
        throw new KwargProblem('bucketize_data', '"bucketize_data" must be true for a partition of bins');
      const threshold = k.value('threshold') === undefined ? null : k.number('threshold');
      if (threshold !== null && threshold < 0) throw new KwargProblem('threshold', '"threshold" must be 0 or more');
      return { form: 'divergence', column: k.text('column'), partition, threshold };
    },
  ),
  word('expect_column_chisquare_test_p_value_to_be_greater_than', ['column', 'partition_object', 'p?', 'tail_weight_holdout?'], (k) => ({
    form: 'fit',
    column: k.text('column'),
    partition: readPartition(k.all),
    p: k.share('p', 0.05),
  })),
  word('expect_column_pair_cramers_phi_value_to_be_less_than', ['column_A', 'column_B', 'threshold?'], (k) => ({
    form: 'association',
    a: k.text('column_A'),
    b: k.text('column_B'),
    threshold: k.number('threshold', 0.1),
  })),
  word('expect_column_distribution_to_match_other_table', ['column', 'other_table_name', 'test?', 'limit?'], (k) => {
    const test = k.choice('test', Object.keys(LIMITS) as DistributionTest[], 'effect');
    return {
      form: 'distribution',
      column: k.text('column'),
      reference: k.text('other_table_name'),
      test,
      limit: k.number('limit', LIMITS[test]),
    };
  }),
  word('expect_column_max_to_be_fresh', ['column', 'max_age'], (k) => ({
    form: 'fresh',
    column: k.text('column'),
    maxAgeMs: k.duration('max_age'),
  })),
];
