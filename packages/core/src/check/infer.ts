import type { ColumnProfile, TableProfile } from '../dataset/profile.ts';
import type { JsonObject, JsonValue } from '../ports/json.ts';
import { wilsonInterval } from '../statistics/proportion.ts';
import type { CheckSuite, Expectation, Severity } from './types.ts';

/** TFDV's largest domain of strings, and how often each value must be seen on average to be taken for one of a class. */
const MOST_CLASSES = 100;
const LEAST_REPEATED = 20;
/** Share of values inside an inferred domain: the next table may hold a new one. */
const DOMAIN_SHARE = 0.99;
/** Fewer rows prove nothing of uniqueness. */
const LEAST_UNIQUE = 1000;
/** One-sided error of the share of values that are there. */
const PRESENCE_ALPHA = 0.02;

/**
 * A suite to review, from what a table holds: its columns and types, how many values are there at least (lower 99 % Wilson bound), domains of classes, uniqueness, and, as
 * warnings only, the range of numbers widened by its own width on both sides. With the restraint of TFDV's schema inference: what was seen once is no rule.
 */
export function inferSuite(name: string, dataset: string, profile: TableProfile): CheckSuite {
  const columns = profile.columns.map((column) => column.name);
  return {
    name,
    dataset,
    expectations: [
      say('table_row_count_to_be_between', { min_value: 1 }),
      say('table_columns_to_match_set', { column_set: columns, exact_match: false }),
      say('table_columns_to_match_ordered_list', { column_list: columns }, 'warning'),
      ...profile.columns.flatMap((column) => ofColumn(column, profile.rows)),
    ],
  };
}

function say(type: string, kwargs: JsonObject, severity: Severity = 'critical'): Expectation {
  return { type: `expect_${type}`, kwargs, severity };
}

function ofColumn(profile: ColumnProfile, rows: number): readonly Expectation[] {
  const { name: column, type, nulls, distinct, top, numbers, semantic } = profile;
  const missing = nulls + (numbers?.nans ?? 0);
  const present = rows - missing;
  // A column of nothing shows neither its type nor what is usual in it.
  if (present === 0) return [];
  const said: Expectation[] = [say('column_values_to_be_of_type', { column, type_: type }), ...ofPresence(column, present, rows)];
  if (distinct.exact && distinct.count === present && present >= LEAST_UNIQUE) said.push(say('column_values_to_be_unique', { column }));
  const classes =
    distinct.exact && distinct.count <= MOST_CLASSES && present >= LEAST_REPEATED * distinct.count && top.length === distinct.count;
  if (classes && (profile.texts !== null || semantic === 'boolean')) {
    const values = top.map((one) => one.value).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    said.push(say('column_values_to_be_in_set', { column, value_set: values, mostly: DOMAIN_SHARE }));
  }
  if (numbers !== null && semantic !== 'boolean' && semantic !== 'identifier') said.push(...ofRange(column, profile));
  const [shape] = profile.texts?.shapes ?? [];
  if (profile.texts !== null && semantic !== 'category' && shape !== undefined && profile.texts.minLength === profile.texts.maxLength)
    said.push(say('column_value_lengths_to_equal', { column, value: profile.texts.minLength }, 'warning'));
  const form = FORMS[semantic];
  if (form !== undefined) said.push(say('column_values_to_match_regex', { column, regex: form, mostly: DOMAIN_SHARE }, 'warning'));
  return said;
}

const FORMS: Readonly<Record<string, string>> = {
  email: '^[^@\\s]+@[^@\\s.]+(\\.[^@\\s.]+)+$',
  url: '^[A-Za-z][A-Za-z0-9+.-]*://\\S+$',
  uuid: '(?i)^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$',
};

function ofPresence(column: string, present: number, rows: number): readonly Expectation[] {
  if (present === rows) return [say('column_values_to_not_be_null', { column })];
  const share = Math.floor(wilsonInterval(present, rows, PRESENCE_ALPHA).low * 1000) / 1000;
  return share <= 0 ? [] : [say('column_values_to_not_be_null', { column, mostly: share })];
}

/** The range widened by its width; a sign that never changed and whole numbers stay as they are. */
function ofRange(column: string, { min, max, semantic, numbers }: ColumnProfile): readonly Expectation[] {
  const [low, high] = [toNumber(min), toNumber(max)];
  if (low === undefined || high === undefined || numbers === null) return [];
  const width = high - low;
  const widened = { min: low >= 0 ? Math.max(0, low - width) : low - width, max: high <= 0 ? Math.min(0, high + width) : high + width };
  if (!Number.isFinite(widened.min) || !Number.isFinite(widened.max)) return [];
  const round = (value: number, up: boolean): number => (semantic === 'count' ? (up ? Math.ceil(value) : Math.floor(value)) : value);
  return [
    say('column_values_to_be_between', { column, min_value: round(widened.min, false), max_value: round(widened.max, true) }, 'warning'),
  ];
}

function toNumber(value: JsonValue): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
