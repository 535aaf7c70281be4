import { test } from 'node:test';
import assert from 'node:assert/strict';
import { changeAssessment, checkAssessment } from './assess.ts';
import { checkTraceId, refuseSpan, toPreview, toTraceTag } from './limits.ts';
import type { Assessment, Span } from './types.ts';

const one: Assessment = {
  id: 'a-1',
  trace: 'tr-1',
  span: null,
  name: 'quality',
  kind: 'feedback',
  value: 1,
  error: { code: 'E', message: '', stackTrace: '' },
  source: { type: 'HUMAN', id: 'ann' },
  rationale: null,
  metadata: { a: '1' },
  createdAt: 1,
  updatedAt: 1,
  overrides: null,
  valid: true,
};

test('an assessment changes in what is told, and stays of its kind', () => {
  const changed = changeAssessment(one, { name: 'n', feedback: { value: null, error: null }, rationale: 'r', metadata: { b: '2' } }, 9);
  assert.deepEqual(changed, { ...one, name: 'n', value: null, error: null, rationale: 'r', metadata: { a: '1', b: '2' }, updatedAt: 9 });
  assert.deepEqual(changeAssessment(one, {}, 9), { ...one, updatedAt: 9 });
  assert.throws(() => changeAssessment(one, { expectation: 1 }, 9), { code: 'assessment_kind_kept' });
  assert.throws(() => changeAssessment({ ...one, kind: 'expectation' }, { feedback: { value: 1, error: null } }, 9), {
    code: 'assessment_kind_kept',
  });
  assert.throws(() => changeAssessment(one, { name: '' }, 9), { code: 'record_invalid' });
  for (const bad of [
    { name: 'x'.repeat(251) },
    { source: { type: '', id: '' } },
    { rationale: 'x'.repeat(70_000) },
    { value: 'x'.repeat(2 ** 21) },
  ]) {
    assert.throws(() => checkAssessment({ ...one, ...bad }), { code: 'record_invalid' });
  }
});

test('ids, tags and previews have limits', () => {
  checkTraceId('tr-0123456789abcdef0123456789abcdef');
  for (const id of ['', 'a b', '../x', 'x'.repeat(51), 'a\0']) assert.throws(() => checkTraceId(id), { code: 'record_invalid' }, id);
  assert.deepEqual(toTraceTag('a.b', 'x'.repeat(9000)), ['a.b', `${'x'.repeat(7997)}...`]);
  for (const key of ['', 'a\nb', '../a', 'x'.repeat(251)]) assert.throws(() => toTraceTag(key, ''), { code: 'record_invalid' }, key);
  assert.equal(toPreview('x'.repeat(1001)), `${'x'.repeat(997)}...`);
  // No half of a surrogate pair is left at the end.
  assert.equal(toPreview('🧪'.repeat(1000)).isWellFormed(), true);
});

test('a span beyond the limits is told why', () => {
  const span = (more: Partial<Span>): Span => ({
    trace: 'tr-1',
    id: 'a',
    parent: null,
    name: 'a',
    status: 'ok',
    message: '',
    startedAt: 0n,
    endedAt: 1n,
    attributes: new Map(),
    events: [],
    links: [],
    ...more,
  });
  assert.equal(refuseSpan(span({ attributes: new Map([['a', [new Map([['b', { base64: 'AA==' }]])]]]) })), undefined);
  const many = Array.from({ length: 2001 }, (_, at) => [`k${at}`, null] as const);
  assert.match(refuseSpan(span({ attributes: new Map(many) })) ?? '', /2000 attributes/);
  assert.match(refuseSpan(span({ attributes: new Map([['a', ['x'.repeat(2 ** 24)]]]) })) ?? '', /characters/);
  const event = { name: 'e', time: 0n, attributes: new Map() };
  assert.match(refuseSpan(span({ events: Array.from({ length: 2001 }, () => event) })) ?? '', /events/);
});
