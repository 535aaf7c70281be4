import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { toCountWindows, toFeatureVector, toRecordChecks } from '@pawl/core';
import type { CellValue, Expectation, FeatureView, JsonObject, TableSource, Tables } from '@pawl/core';
import { createTables } from '@pawl/drivers';

/** One meaning, two executions: what core says of one record or moment, DuckDB says of a table. */
const RUNS = { numRuns: Number(process.env['PAWL_PROPERTY_RUNS'] ?? 150), seed: 20261124 };

interface Line {
  readonly n: number | null;
  readonly f: number | null;
  readonly m: number | null;
  readonly s: string | null;
  readonly z: string | null;
  readonly b: boolean | null;
  readonly d: string | null;
}

const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.maxSafeInteger());
const fraction = fc.oneof(fc.constantFrom(0, -0, 0.1, 1, 2.5, -1e300, 5e-324), fc.double({ noNaN: true, noDefaultInfinity: true }));
const text = fc.oneof(
  fc.constantFrom('', 'a', 'A', 'ab', ' ', '\n', 'a\nb', 'é', '\u00a0', '\uffee', '🦆', 'x🦆', '12', '-'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
/** Days that there are and days that there are not, in several forms, and what is none. */
const date = fc
  .tuple(
    fc.constantFrom('%Y-%m-%d', '%d/%m/%y', '%Y-%m-%dT%H:%M:%S', '%d %B %Y', '%b %d', '%j', '{"a":%d}'),
    fc.nat(120),
    fc.integer({ min: 0, max: 13 }),
    fc.nat(32),
  )
  .map(([format, year, month, day]) =>
    format
      .replace('%Y', String(1990 + year))
      .replace('%y', String(year % 100).padStart(2, '0'))
      .replace('%m', String(month).padStart(2, '0'))
      .replace('%d', String(day))
      .replace('%B', ['January', 'february', 'APRIL', 'Smarch'][month % 4] ?? '')
      .replace('%b', ['Feb', 'sep', 'DEC', 'xyz'][month % 4] ?? '')
      .replace('%H:%M:%S', `${month + 12}:0${day % 10}:59`)
      .replace('%j', `%${day * 12}`),
  );
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 4 });
const line: fc.Arbitrary<Line> = fc.record({
  n: maybe(number),
  f: maybe(fraction),
  m: maybe(number),
  s: maybe(text),
  z: maybe(text),
  b: maybe(fc.boolean()),
  d: maybe(date),
});
const ofColumn = { n: number, m: number, f: fraction, s: text, z: text } as const;
const column = fc.constantFrom<keyof typeof ofColumn>('n', 'm', 'f', 's', 'z');
const anyColumn = fc.constantFrom('n', 'm', 'f', 's', 'z', 'b', 'missing');
const pattern = fc.oneof(
  fc.constantFrom(
    '^a',
    'a$',
    '^$',
    '.',
    '^.$',
    '\\s',
    '^\\S+$',
    '[\\s]',
    '\\w+',
    '\\d{2}',
    '(?i)a',
    '(?s)a.b',
    '(?m)^b',
    '(?im)A$',
    '[^a]',
    '\\u00e9|é',
    '\\bA\\b',
    '[\\s\\S]',
    '\\p{L}',
    '\\-',
    'a|',
    '(?P<x>a)b',
    '\\Aa',
    'b\\Z',
    '[a-c]?',
    '🦆$',
    '^x?.$',
  ),
  text.filter((value) => /^[a-z0-9 é🦆]+$/u.test(value)),
);

const bounds = column.chain((name) =>
  fc
    .tuple(
      fc.oneof(ofColumn[name] as fc.Arbitrary<number | string>),
      ofColumn[name] as fc.Arbitrary<number | string>,
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom('both', 'min', 'max'),
    )
    .map(([one, two, strictMin, strictMax, sides]): JsonObject => {
      const [low, high] = one <= two ? [one, two] : [two, one];
      return {
        column: name,
        strict_min: strictMin,
        strict_max: strictMax,
        ...(sides === 'max' ? {} : { min_value: low }),
        ...(sides === 'min' ? {} : { max_value: high }),
      };
    }),
);
const mixedSet = fc.option(fc.array(fc.oneof(number, fraction, text, fc.boolean()), { maxLength: 6 }), { freq: 6 });
const pairs = fc.record({
  column_A: anyColumn,
  column_B: anyColumn,
  ignore_row_if: fc.constantFrom('both_values_are_missing', 'either_value_is_missing', 'neither'),
});
const lengths = fc.tuple(fc.nat(4), fc.nat(4)).map(([one, two]) => ({ min_value: Math.min(one, two), max_value: Math.max(one, two) }));

const statement: fc.Arbitrary<readonly [string, JsonObject]> = fc.oneof(
  fc.tuple(fc.constantFrom('column_values_to_not_be_null', 'column_values_to_be_null'), fc.record({ column: anyColumn })),
  fc.tuple(fc.constant('column_values_to_be_between'), bounds),
  fc.tuple(
    fc.constantFrom('column_values_to_be_in_set', 'column_values_to_not_be_in_set'),
    fc.record({ column: anyColumn, value_set: mixedSet }),
  ),
  fc.tuple(
    fc.constantFrom('column_values_to_match_regex', 'column_values_to_not_match_regex'),
    fc.record({ column: fc.constantFrom('s', 'z', 'n', 'b'), regex: pattern }),
  ),
  fc.tuple(
    fc.constant('column_value_lengths_to_be_between'),
    fc.tuple(fc.constantFrom('s', 'z', 'n', 'b'), lengths).map(([name, range]) => ({ column: name, ...range })),
  ),
  fc.tuple(fc.constant('column_pair_values_to_be_equal'), pairs),
  fc.tuple(
    fc.constant('column_pair_values_a_to_be_greater_than_b'),
    fc.tuple(pairs, fc.boolean()).map(([kwargs, equal]) => ({ ...kwargs, or_equal: equal })),
  ),
);
const like = fc.constantFrom('%', 'a%', '_', '%b', 'x_', '%\n%', 'A', '1_', '🦆', '%é%', '.%');
const several = fc.record({
  column_list: fc.uniqueArray(fc.constantFrom('n', 'm', 'f', 's', 'z', 'b'), { minLength: 2, maxLength: 3 }),
  ignore_row_if: fc.constantFrom('all_values_are_missing', 'any_value_is_missing', 'never'),
});
const broader: fc.Arbitrary<readonly [string, JsonObject]> = fc.oneof(
  fc.tuple(
    fc.constantFrom('column_values_to_match_regex_list', 'column_values_to_not_match_regex_list'),
    fc
      .tuple(fc.constantFrom('s', 'z', 'n'), fc.array(pattern, { minLength: 1, maxLength: 3 }))
      .map(([name, regex_list]): JsonObject => ({ column: name, regex_list })),
  ),
  fc.tuple(
    fc.constantFrom('column_values_to_match_like_pattern', 'column_values_to_not_match_like_pattern'),
    fc.record({ column: fc.constantFrom('s', 'z', 'b'), like_pattern: like }),
  ),
  fc.tuple(
    fc.constant('column_values_to_match_like_pattern_list'),
    fc.record({
      column: fc.constantFrom('s', 'z'),
      like_pattern_list: fc.array(like, { minLength: 1, maxLength: 3 }),
      match_on: fc.constantFrom('any', 'all'),
    }),
  ),
  fc.tuple(
    fc.constant('column_values_to_match_strftime_format'),
    fc.record({
      column: fc.constantFrom('d', 'n'),
      strftime_format: fc.constantFrom('%Y-%m-%d', '%d/%m/%y', '%b %d', '%Y-%m-%dT%H:%M:%S', '%H:%M', '%d %B %Y', '%%%j', '%I:%M %p'),
    }),
  ),
  fc.tuple(
    fc.constantFrom('column_values_to_be_dateutil_parseable', 'column_values_to_be_json_parseable'),
    fc.record({ column: fc.constantFrom('d', 's', 'f') }),
  ),
  fc.tuple(
    fc.constant('column_values_to_match_json_schema'),
    fc.record({
      column: fc.constantFrom('d', 's'),
      json_schema: fc.constantFrom({ type: 'number' }, { type: 'object', required: ['a'] }, {}),
    }),
  ),
  fc.tuple(
    fc.constant('column_pair_values_to_be_in_set'),
    fc
      .tuple(
        pairs,
        fc.option(fc.array(fc.tuple(maybe(fc.oneof(number, text, fc.boolean())), maybe(fc.oneof(number, text))), { maxLength: 5 }), {
          freq: 8,
        }),
      )
      .map(([kwargs, set]): JsonObject => ({ ...kwargs, value_pairs_set: set })),
  ),
  fc.tuple(fc.constantFrom('select_column_values_to_be_unique_within_record', 'multicolumn_values_to_be_equal'), several),
  fc.tuple(
    fc.constant('multicolumn_sum_to_equal'),
    fc.tuple(several, fc.integer({ min: -4, max: 4 })).map(([kwargs, sum_total]): JsonObject => ({ ...kwargs, sum_total })),
  ),
);
const condition = fc.constantFrom(
  'n > 0',
  'n >= 1 and b',
  'not (n < 1)',
  '~(f <= 0.5) | s == "a"',
  'n != 1',
  'm in [1, 2, 3]',
  'm not in [1, 2]',
  's == z',
  'n != m',
  's.isnull()',
  'col("s").notnull()',
  'b == False',
  'n between -1 and 1',
  "s like 'a%' or z not like '%b'",
  'not b',
  '-1 < n < 2',
  "s < 'b'",
);
const limited = fc.tuple(fc.oneof(statement, broader), fc.option(fc.tuple(condition, fc.constantFrom('pandas', 'spark')), { freq: 2 }));
const expectation: fc.Arbitrary<Expectation> = limited.map(([[type, kwargs], rows]) => ({
  type: `expect_${type}`,
  kwargs: { ...kwargs, ...(rows === null ? {} : { row_condition: rows[0], condition_parser: rows[1] }) },
  severity: 'critical',
}));

describe('one meaning, two executions', () => {
  let tables: Tables;
  let folder: string;
  before(async () => {
    tables = createTables({ threads: 2 });
    folder = await mkdtemp(join(tmpdir(), 'pawl-agree-'));
  });
  after(async () => {
    await tables.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function write(name: string, lines: readonly object[]): Promise<TableSource> {
    const path = join(folder, name);
    await writeFile(path, lines.map((item) => `${JSON.stringify(item)}\n`).join(''));
    return { format: 'json', paths: [path], label: name };
  }

  test('expectations of rows: the table check counts what the record checks find', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 12 }),
        fc.array(expectation, { minLength: 1, maxLength: 8 }),
        async (lines, expectations) => {
          // Two rows that show each column's type whatever the others hold; they are part of the table.
          const anchors: readonly Line[] = [
            { n: 1, f: 0.5, m: 1, s: 'text', z: 'words', b: true, d: 'no date' },
            { n: 2, f: 1.5, m: 2, s: 'text', z: 'words', b: false, d: 'none' },
          ];
          const source = await write('rows.json', [...anchors, ...lines]);
          // What a server would be given: the values as DuckDB reads them, so that a number's way through JSON is not what is compared.
          const table = await tables.readColumns(source, null);
          const records = Array.from({ length: table.rows }, (_, row) =>
            Object.fromEntries(Object.entries(table.columns).map(([name, values]): [string, CellValue] => [name, values[row] ?? null])),
          );
          const results = await tables.check(source, { expectations });
          for (const [index, item] of expectations.entries()) {
            const [single] = toRecordChecks([item]);
            const result = results[index];
            assert.ok(single && result, JSON.stringify(item));
            const verdicts = records.map((record) => single.judge(record));
            // What a table's columns cannot be asked at all is an error also when the row condition leaves every row out.
            const { row_condition: _, ...everywhere } = item.kwargs;
            const [whole] = toRecordChecks([{ ...item, kwargs: everywhere }]);
            const unasked = records.some((record) => whole?.judge(record) === 'error');
            const context = `${JSON.stringify(item)} on ${JSON.stringify(lines)}: ${verdicts.join(' ')} against ${JSON.stringify(result)}`;
            if (verdicts.includes('error') || unasked) assert.equal(result.outcome, 'error', context);
            else {
              const unmet = verdicts.filter((verdict) => verdict === 'unmet').length;
              assert.equal(result.unexpectedCount, unmet, context);
              assert.equal(result.outcome, unmet === 0 ? 'passed' : 'failed', context);
              compared += 1;
            }
          }
        },
      ),
      RUNS,
    );
    assert.ok(compared > RUNS.numRuns, `${compared} expectations were compared`);
  });

  test('features: the join equals the windows of core, event by event', async () => {
    const hour = 3_600_000;
    const windows = [1, 5 * 60_000, hour, 12 * hour, 12 * hour - 1, 12 * 24 * hour, 30 * 24 * hour];
    const time = fc.oneof(
      fc.integer({ min: -2000, max: 2000 }).map((steps) => steps * 5 * 60_000),
      fc.tuple(fc.integer({ min: -40, max: 40 }), fc.constantFrom(-1, 0, 1)).map(([days, off]) => days * 24 * hour + off),
    );
    const key = fc.option(fc.constantFrom('a', 'b', "it's"), { freq: 8 });
    const event = fc.record({
      k: key,
      id: fc.option(fc.nat(25).map(String), { freq: 12 }),
      seen: fc.option(time, { freq: 8 }),
      confirmed: fc.option(time, { freq: 3 }),
      spam: maybe(fc.boolean()),
    });
    const row = fc.record({ k: key, at: fc.option(time, { freq: 8 }) });
    const view: FeatureView = {
      name: 'v',
      entity: 'k',
      dataset: 'd',
      idColumn: 'id',
      streams: [
        { name: 'mails', timeColumn: 'seen', where: null },
        { name: 'spam', timeColumn: 'confirmed', where: 'spam' },
      ],
      features: windows.flatMap((windowMs) =>
        ['mails', 'spam'].map((stream) => ({ name: `${stream}_${windowMs}`, stream, aggregate: 'count' as const, windowMs })),
      ),
    };
    let counted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), fc.array(row, { minLength: 1, maxLength: 15 }), async (events, rows) => {
        const anchor = { k: 'nobody', id: 'anchor', seen: 0, confirmed: 0, spam: true };
        const history = await write('events.json', [anchor, ...events]);
        const entities = await write('rows.json', [{ k: 'nothing', at: 0 }, ...rows]);
        const target = join(folder, 'joined.parquet');
        await tables.joinFeatures(entities, 'at', history, view, target);
        const joined = await tables.readColumns({ format: 'parquet', paths: [target], label: 'joined' }, null);
        const pushed = [
          ...distinct(events.flatMap((item) => toEvent('mails', item.k, item.id, item.seen))),
          ...distinct(events.flatMap((item) => (item.spam === true ? toEvent('spam', item.k, item.id, item.confirmed) : []))),
        ];
        for (const [index, item] of rows.entries()) {
          const { k, at } = item;
          const counts =
            k === null || at === null
              ? view.features.map(() => 0)
              : toCountWindows(view, at).map(
                  (window) =>
                    pushed.filter(
                      (one) => one.stream === window.stream && one.k === k && one.time >= window.from && one.time < window.until,
                    ).length,
                );
          const expected = toFeatureVector(view, counts);
          const found = Object.fromEntries(view.features.map((feature) => [feature.name, joined.columns[feature.name]?.[index + 1]]));
          assert.deepEqual(found, expected, JSON.stringify(item));
          counted += counts.reduce((sum, count) => sum + count, 0);
        }
        assert.deepEqual(
          joined.columns['at']?.slice(1),
          rows.map((item) => item.at),
        );
      }),
      RUNS,
    );
    assert.ok(counted > RUNS.numRuns, `${counted} events were counted`);
  });
});

interface Pushed {
  readonly stream: string;
  readonly k: string;
  readonly id: string;
  readonly time: number;
}

function toEvent(stream: string, k: string | null, id: string | null, time: number | null): readonly Pushed[] {
  return k === null || id === null || time === null ? [] : [{ stream, k, id, time }];
}

/** The first of each id counts, as when events are pushed one after the other. */
function distinct(events: readonly Pushed[]): readonly Pushed[] {
  return events.filter((item, index) => events.findIndex((other) => other.id === item.id) === index);
}
