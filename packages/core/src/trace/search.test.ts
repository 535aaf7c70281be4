import { test } from 'node:test';
import assert from 'node:assert/strict';
import { parseFilter } from '../search/filter.ts';
import { parseOrder } from '../search/order.ts';
import { refusePattern } from '../search/pattern.ts';
import { traceSearch } from './search.ts';

const parse = (filter: string) => parseFilter(traceSearch, filter);
const clause = (entity: string, key: string, comparator: string, value: unknown) => ({ kind: 'compare', entity, key, comparator, value });

test('keys of spans may be any attribute, and other words for attributes mean the same', () => {
  assert.deepEqual(parse("span.attributes.a.b = 'x'"), clause('span', 'attributes.a.b', '=', 'x'));
  assert.deepEqual(parse("span.attributes.`a b` LIKE 'x'"), clause('span', 'attributes.a b', 'LIKE', 'x'));
  assert.deepEqual(parse('trace.timestamp > 5'), clause('attribute', 'timestamp_ms', '>', 5));
  assert.deepEqual(parse("metadata.`mlflow.sourceRun` = 'r'"), clause('request_metadata', 'mlflow.sourceRun', '=', 'r'));
  assert.deepEqual(parse("name RLIKE '^a'"), clause('attribute', 'name', 'RLIKE', '^a'));
});

test('an assessment is compared with a number or with a text', () => {
  assert.deepEqual(parse('feedback.q >= 0.5'), clause('feedback', 'q', '>=', 0.5));
  assert.deepEqual(parse("expectation.q = 'yes'"), clause('expectation', 'q', '=', 'yes'));
  assert.deepEqual(parse('feedback.q = 1'), clause('feedback', 'q', '=', 1));
  assert.deepEqual(parse("feedback.q IN ('a', 'b')"), clause('feedback', 'q', 'IN', ['a', 'b']));
  assert.deepEqual(parse('feedback.q IS NULL'), clause('feedback', 'q', 'IS NULL', null));
});

test('what cannot be asked is refused with its place', () => {
  for (const filter of [
    "span.attributes. = 'x'",
    "span.colour = 'x'",
    "span.content = 'x'",
    "feedback.q > 'high'",
    "feedback.q IN (1, 'a')",
    "prompt LIKE 'x'",
    "name RLIKE '('",
    "name RLIKE '(?=a)'",
    "issue.id = 'x'",
    'experiment_id = 1',
  ]) {
    assert.throws(() => parse(filter), { code: 'search_filter_invalid' }, filter);
  }
  assert.throws(() => parseOrder(traceSearch, ['span.name']), { code: 'search_order_invalid' });
  assert.throws(() => parseOrder(traceSearch, ['feedback.q']), { code: 'search_order_invalid' });
  assert.deepEqual(parseOrder(traceSearch, ['timestamp DESC', 'tags.a']), [
    { entity: 'attribute', key: 'timestamp_ms', descending: true },
    { entity: 'tag', key: 'a', descending: false },
  ]);
});

test('patterns keep to what every engine matches in linear time', () => {
  for (const good of ['^a(b|c)+$', '\\d{2}\\.', '[(?=]', 'a\\\\1', '(?:x)', '(?i)x'.slice(4)])
    assert.equal(refusePattern(good), undefined, good);
  for (const bad of ['(?=a)', '(?!a)', '(?<=a)', '(?<!a)', '(a)\\1', '[', 'x'.repeat(1001)])
    assert.notEqual(refusePattern(bad), undefined, bad);
});
