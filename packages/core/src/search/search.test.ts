import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isFault } from '../fault/fault.ts';
import { parseFilter } from './filter.ts';
import { parseOrder } from './order.ts';
import type { Filter, SearchSpec } from './types.ts';

const spec: SearchSpec = {
  metric: { aliases: ['metrics'], fields: { kind: 'number' } },
  parameter: { aliases: ['params', 'param', 'parameters'], fields: { kind: 'text', nullable: true } },
  tag: { aliases: ['tags'], fields: { kind: 'text', nullable: true } },
  attribute: {
    aliases: ['attributes', 'attr', 'run'],
    fields: {
      run_id: { kind: 'text' },
      run_name: { kind: 'text' },
      'Run name': { kind: 'text', as: 'run_name' },
      start_time: { kind: 'number' },
      Created: { kind: 'number', as: 'start_time' },
    },
  },
  dataset: { aliases: ['datasets'], fields: { name: { kind: 'text', orders: false }, digest: { kind: 'text', orders: false } } },
};

const compare = (entity: string, key: string, comparator: string, value: unknown): Filter =>
  ({ kind: 'compare', entity, key, comparator, value }) as Filter;

test('a clause in every spelling', () => {
  for (const [text, expected] of [
    ['metrics.loss < 0.5', compare('metric', 'loss', '<', 0.5)],
    ['metric.loss>=-1e-3', compare('metric', 'loss', '>=', -0.001)],
    ['metrics."val loss" != .5', compare('metric', 'val loss', '!=', 0.5)],
    ['metrics.`a.b/c` = 1e0', compare('metric', 'a.b/c', '=', 1)],
    ["params.lr = '0.1'", compare('parameter', 'lr', '=', '0.1')],
    ['parameters.lr LIKE "0.%"', compare('parameter', 'lr', 'LIKE', '0.%')],
    ["tags.mlflow.runName ilike 'x AND y'", compare('tag', 'mlflow.runName', 'ILIKE', 'x AND y')],
    ['tags.`it\'s` = "it\'s"', compare('tag', "it's", '=', "it's")],
    ["tags.a = 'it''s'", compare('tag', 'a', '=', "it's")],
    ["tags.a = ''", compare('tag', 'a', '=', '')],
    ['tags.a is not null', compare('tag', 'a', 'IS NOT NULL', null)],
    ['params.`a b` IS NULL', compare('parameter', 'a b', 'IS NULL', null)],
    ["run_name = 'x'", compare('attribute', 'run_name', '=', 'x')],
    ["attributes.`Run name` = 'x'", compare('attribute', 'run_name', '=', 'x')],
    ['Created > 12', compare('attribute', 'start_time', '>', 12)],
    ["run_id IN ('a','b' , \"c\")", compare('attribute', 'run_id', 'IN', ['a', 'b', 'c'])],
    ["datasets.name not in ('a')", compare('dataset', 'name', 'NOT IN', ['a'])],
    ["params.é/β = 'ü'", compare('parameter', 'é/β', '=', 'ü')],
  ] as const)
    assert.deepEqual(parseFilter(spec, text), expected, text);
  for (const empty of ['', '  ', '\n']) assert.equal(parseFilter(spec, empty), undefined);
});

test('AND binds tighter than OR, NOT tighter than both; a trailing AND is tolerated', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((key) => compare('metric', key, '>', 1)) as [Filter, Filter, Filter];
  const text = (key: string): string => `metrics.${key} > 1`;
  assert.deepEqual(parseFilter(spec, `${text('a')} and ${text('b')} AND `), { kind: 'and', parts: [a, b] });
  assert.deepEqual(parseFilter(spec, `${text('a')} OR ${text('b')} AND NOT ${text('c')}`), {
    kind: 'or',
    parts: [a, { kind: 'and', parts: [b, { kind: 'not', part: c }] }],
  });
  assert.deepEqual(parseFilter(spec, `(${text('a')} or ${text('b')}) and(${text('c')})`), {
    kind: 'and',
    parts: [{ kind: 'or', parts: [a, b] }, c],
  });
});

test('what is no filter is refused in the words of MLflow, with the position', () => {
  for (const [text, message] of [
    ['metrics.loss', /^Invalid clause\(s\) in filter string: 'metrics.loss' \(at character 1 /],
    ["metrics.a > 1 tags.b = 'x'", /^Invalid clause\(s\) in filter string: 'tags.b' \(at character 15 /],
    ["metrics.a = '1'", /^Expected numeric value type for metric. Found '1' \(at character 13 /],
    ['params.a = 1', /^Expected a quoted string value for parameter \(e.g. 'my-value'\). Got value 1 \(at character 12 /],
    ['run_name = x', /^Expected a quoted string value for attributes. Got value x/],
    ["start_time > 'x'", /^Expected numeric value type for numeric attribute: start_time. Found 'x'/],
    ["thing.a = 'x'", /^Invalid entity type 'thing'. Valid values are \['metric', /],
    ["experiment_id = '1'", /^Invalid attribute key 'experiment_id' specified. Valid keys are '\{'run_id', /],
    ["datasets.colour = '1'", /^Invalid dataset key 'colour' specified./],
    ["params.a > '1'", /^Invalid comparator '>' not one of '\{'=', '!=', 'LIKE', /],
    ["metrics.a LIKE 'x'", /^Invalid comparator 'LIKE' not one of /],
    ['run_name IS NULL', /^IS NULL \/ IS NOT NULL is only supported for tags and params, not for 'attribute' 'run_name'/],
    ["tags.a = 'x", /^Invalid clause\(s\) in filter string: ''x' \(at character 10 /],
    ["(tags.a = 'x'", /a parenthesis is not closed \(at character 14 /],
    ["tags.a = 'x')", /'\)' \(at character 13 /],
    ['run_id IN ()', /^Expected a quoted string value/],
    ["run_id IN ('a' 'b')", /^Invalid list/],
    ["AND tags.a = 'x'", /^Invalid clause/],
    ["tags.a = 'x'; DROP TABLE run", /^Invalid clause\(s\) in filter string: '; DROP TABLE run'/],
    [`${'('.repeat(60)}tags.a = 'x'${')'.repeat(60)}`, /nested deeper than 50/],
    [Array.from({ length: 501 }, () => "tags.a = 'x'").join(' AND '), /more than 500 clauses/],
  ] as const)
    assert.throws(
      () => parseFilter(spec, text),
      (error) => isFault(error, 'search_filter_invalid') && message.test(error.message),
      text.slice(0, 80),
    );
});

test('a long filter is quoted around the place of its fault, never whole', () => {
  const clauses = Array.from({ length: 400 }, () => "tags.a = 'x'").join(' AND ');
  for (const text of [`${clauses} AND metrics.a > high AND ${clauses}`, `tags.a = '${'x'.repeat(100_000)}`, `${'y'.repeat(100_000)} = 3`])
    assert.throws(
      () => parseFilter(spec, text),
      (error) => isFault(error, 'search_filter_invalid') && error.message.length < 400 && error.message.includes('…'),
      text.slice(0, 80),
    );
  assert.throws(
    () => parseFilter(spec, `${clauses} AND metrics.a > high`),
    /Found high \(at character 6813 of the filter, in "….* > high"\)/,
  );
  assert.throws(
    () => parseOrder(spec, [`metrics.${'z'.repeat(5000)} sideways`]),
    (error) => isFault(error, 'search_order_invalid') && error.message.length < 200,
  );
});

test('order: ascending unless said, of a column named again the first', () => {
  assert.deepEqual(parseOrder(spec, ['metrics.`val loss` desc', 'Created', 'start_time DESC', 'params.a ASC']), [
    { entity: 'metric', key: 'val loss', descending: true },
    { entity: 'attribute', key: 'start_time', descending: false },
    { entity: 'parameter', key: 'a', descending: false },
  ]);
  for (const [clause, message] of [
    ['', /^Invalid order_by clause ''. Could not be parsed.$/],
    ['metrics.a DESC NULLS', /Could not be parsed/],
    ['metrics.a sideways', /^Invalid ordering key in order_by clause/],
    ["metrics.'a", /Could not be parsed/],
    ['datasets.name', /^Invalid order_by entity type 'dataset'$/],
    ['other.name', /^Invalid order_by entity type 'other'$/],
    ['colour', /^Invalid order by key 'colour' specified/],
  ] as const)
    assert.throws(
      () => parseOrder(spec, [clause]),
      (error) => isFault(error, 'search_order_invalid') && message.test(error.message),
      clause,
    );
});

test('any text is parsed or refused, and a text value survives whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        parseFilter(spec, text);
      } catch (error) {
        assert.ok(isFault(error, 'search_filter_invalid'), String(error));
      }
      assert.deepEqual(
        parseFilter(spec, `tags.\`${text.replaceAll('`', '``')}\` = '${text.replaceAll("'", "''")}'`),
        compare('tag', text, '=', text),
      );
    }),
    { seed: 3, numRuns: 500 },
  );
});
