import type { ValueCondition } from '../assertion.ts';
import { parseableDates, toDateFormat } from '../date-format.ts';
import type { DateFormat } from '../date-format.ts';
import { toSchemaTest } from '../json-schema.ts';
import { KwargProblem, toExactly, toNumberBounds } from '../kwargs.ts';
import type { Kwargs } from '../kwargs.ts';
import { toLikePattern } from '../like.ts';
import { toPattern } from '../pattern.ts';
import type { Pattern } from '../pattern.ts';
import { BOUNDS, word } from './word.ts';
import type { Word } from './word.ts';

/** About each value of one column. */
function value(name: string, kwargs: readonly string[], condition: (kwargs: Kwargs) => ValueCondition): Word {
  return word(
    `expect_column_value${name}`,
    ['column', ...kwargs, 'mostly?'],
    (k) => ({ form: 'value', column: k.text('column'), condition: condition(k), mostly: k.share('mostly', 1) }),
    true,
  );
}

function regex(k: Kwargs, name: string): readonly Pattern[] {
  // Great Expectations' own default finds everything.
  const sources = name === 'regex' ? [k.text(name, '(?s).*')] : k.texts(name);
  return named(name, () => sources.map(toPattern));
}

function like(k: Kwargs, name: string): readonly Pattern[] {
  const sources = name === 'like_pattern' ? [k.text(name)] : k.texts(name);
  const escape = k.value('escape') === undefined ? null : k.text('escape');
  return named(name, () => sources.map((source) => toLikePattern(source, escape)));
}

/** Blames the keyword argument for what is wrong with its content. */
function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new KwargProblem(name, error.message);
    throw error;
  }
}

const matchOn = (k: Kwargs): 'any' | 'all' => k.choice('match_on', ['any', 'all'], 'any');
let parseable: readonly DateFormat[] | undefined;

export const valueWords: readonly Word[] = [
  value('s_to_not_be_null', [], () => ({ is: 'not_null' })),
  value('s_to_be_null', [], () => ({ is: 'null' })),
  value('s_to_be_between', BOUNDS, (k) => ({ is: 'between', bounds: k.bounds() })),
  value('s_to_be_in_set', ['value_set'], (k) => ({ is: 'in_set', values: k.values('value_set') })),
  value('s_to_not_be_in_set', ['value_set'], (k) => ({ is: 'not_in_set', values: k.values('value_set') ?? [] })),
  value('s_to_match_regex', ['regex'], (k) => ({ is: 'match', patterns: regex(k, 'regex'), found: 'any' })),
  value('s_to_not_match_regex', ['regex'], (k) => ({ is: 'match', patterns: regex(k, 'regex'), found: 'none' })),
  value('s_to_match_regex_list', ['regex_list', 'match_on?'], (k) => ({
    is: 'match',
    patterns: regex(k, 'regex_list'),
    found: matchOn(k),
  })),
  value('s_to_not_match_regex_list', ['regex_list'], (k) => ({ is: 'match', patterns: regex(k, 'regex_list'), found: 'none' })),
  value('s_to_match_like_pattern', ['like_pattern', 'escape?'], (k) => ({ is: 'match', patterns: like(k, 'like_pattern'), found: 'any' })),
  value('s_to_not_match_like_pattern', ['like_pattern', 'escape?'], (k) => ({
    is: 'match',
    patterns: like(k, 'like_pattern'),
    found: 'none',
  })),
  value('s_to_match_like_pattern_list', ['like_pattern_list', 'match_on?', 'escape?'], (k) => ({
    is: 'match',
    patterns: like(k, 'like_pattern_list'),
    found: matchOn(k),
  })),
  value('s_to_not_match_like_pattern_list', ['like_pattern_list', 'escape?'], (k) => ({
    is: 'match',
    patterns: like(k, 'like_pattern_list'),
    found: 'none',
  })),
  value('s_to_match_strftime_format', ['strftime_format'], (k) => ({
    is: 'date',
    formats: [named('strftime_format', () => toDateFormat(k.text('strftime_format')))],
  })),
  value('s_to_be_dateutil_parseable', [], () => ({ is: 'date', formats: (parseable ??= parseableDates()) })),
  value('s_to_be_json_parseable', [], () => ({ is: 'json', schema: true })),
  value('s_to_match_json_schema', ['json_schema'], (k) => {
    const schema = k.value('json_schema');
    if (schema === undefined) throw new KwargProblem('json_schema', '"json_schema" must be a JSON Schema');
    named('json_schema', () => toSchemaTest(schema));
    return { is: 'json', schema };
  }),
  value('_lengths_to_be_between', BOUNDS, (k) => ({ is: 'length_between', bounds: toNumberBounds(k.bounds()) })),
  value('_lengths_to_equal', ['value'], (k) => ({ is: 'length_between', bounds: toExactly(k.number('value')) })),
];
