import { test } from 'node:test';
import assert from 'node:assert/strict';
import { asksForMetrics, parseLoggedModelFilter, parseLoggedModelOrder } from './search.ts';

test('attributes are bare or prefixed, and a status has its wire prefix or not', () => {
  const clause = (key: string, comparator: string, value: unknown) => ({ kind: 'compare', entity: 'attribute', key, comparator, value });
  assert.deepEqual(parseLoggedModelFilter("status = 'LOGGED_MODEL_READY'"), clause('status', '=', 'READY'));
  assert.deepEqual(parseLoggedModelFilter("status = 'READY'"), clause('status', '=', 'READY'));
  assert.deepEqual(parseLoggedModelFilter("NOT status IN ('LOGGED_MODEL_READY', 'PENDING')"), {
    kind: 'not',
    part: clause('status', 'IN', ['READY', 'PENDING']),
  });
  assert.deepEqual(parseLoggedModelFilter('attributes.creation_time > 5'), clause('creation_timestamp', '>', 5));
  assert.deepEqual(parseLoggedModelFilter("name = 'LOGGED_MODEL_x'"), clause('name', '=', 'LOGGED_MODEL_x'));
  assert.equal(parseLoggedModelFilter(' '), undefined);
  assert.throws(() => parseLoggedModelFilter("colour = 'x'"), { code: 'search_filter_invalid' });
});

test('orders name attributes and metrics with any key', () => {
  assert.deepEqual(parseLoggedModelOrder('creation_timestamp_ms', false, null), {
    entity: 'attribute',
    key: 'creation_timestamp',
    descending: true,
    dataset: null,
  });
  assert.deepEqual(parseLoggedModelOrder('metrics.val loss/a.b', true, { name: 'd' }), {
    entity: 'metric',
    key: 'val loss/a.b',
    descending: false,
    dataset: { name: 'd' },
  });
  for (const field of ['params.lr', 'tags.a', 'colour', '', 'name DESC'])
    assert.throws(() => parseLoggedModelOrder(field, true, null), { code: 'search_order_invalid' }, field);
});

test('clauses on metrics are found wherever they are', () => {
  assert.equal(asksForMetrics(parseLoggedModelFilter("name = 'a' AND (NOT metrics.b > 1 OR name = 'c')")), true);
  assert.equal(asksForMetrics(parseLoggedModelFilter("name = 'a' OR tags.b = 'c'")), false);
  assert.equal(asksForMetrics(undefined), false);
});
