import { test } from 'node:test';
import assert from 'node:assert/strict';
import { metadataOfSpans, tagsOfResource, tagsOfRoot, tellByClient, tellBySpans, usageOfSpans } from './tell.ts';
import type { Span, SpanValue } from './types.ts';

function span(
  id: string,
  parent: string | null,
  from: number,
  to: number | null,
  attributes: Record<string, SpanValue> = {},
  more: Partial<Span> = {},
): Span {
  return {
    trace: 'tr-1',
    id,
    parent,
    name: id,
    status: 'unset',
    message: '',
    startedAt: BigInt(from) * 1_000_000n,
    endedAt: to === null ? null : BigInt(to) * 1_000_000n,
    attributes: new Map(Object.entries(attributes)),
    events: [],
    links: [],
    ...more,
  };
}

const amounts = (input: bigint, output: bigint): SpanValue =>
  new Map([
    ['input_tokens', input],
    ['output_tokens', output],
  ]);

test('spans make a trace, widen its time, and the root ends it', () => {
  const child = tellBySpans(undefined, 'tr-1', 3, [span('b', 'a', 20, 30)]);
  assert.deepEqual([child.experiment, child.startedAt, child.duration, child.state], [3, 20, 10, 'in_progress']);
  const inputs = new Map<string, SpanValue>([['q', 'why']]);
  const whole = tellBySpans({ ...child, spans: 1 }, 'tr-1', 3, [
    span('a', null, 10, 50, { 'mlflow.spanInputs': inputs, 'mlflow.spanOutputs': 'because' }),
  ]);
  assert.deepEqual([whole.startedAt, whole.duration, whole.state, whole.request, whole.response], [10, 40, 'ok', '{"q":"why"}', 'because']);
  assert.equal(tellBySpans(undefined, 'tr-1', 3, [span('a', null, 1, 2, {}, { status: 'error' })]).state, 'error');
  assert.equal(tellBySpans(undefined, 'tr-1', 3, [span('a', 'x', 1, null)]).duration, null);
  assert.equal(tellBySpans(undefined, 'tr-1', 3, [span('a', null, 9, 2)]).duration, 0);
});

test('what the client told of time and state stays', () => {
  const bySpans = tellBySpans(undefined, 'tr-1', 3, [span('a', null, 10, 50, { 'mlflow.spanOutputs': 'x'.repeat(2000) })]);
  assert.equal(bySpans.response?.length, 1000);
  const told = tellByClient(
    { ...bySpans, spans: 1 },
    { id: 'tr-1', experiment: 4, startedAt: 5, duration: 100, state: 'error', request: 'q', response: null, clientRequest: 'c' },
  );
  assert.deepEqual(
    { ...told, response: null },
    {
      id: 'tr-1',
      experiment: 4,
      startedAt: 5,
      duration: 100,
      state: 'error',
      request: 'q',
      response: null,
      clientRequest: 'c',
      told: true,
      spans: 1,
    },
  );
  assert.equal(told.response, bySpans.response);
  assert.deepEqual(tellBySpans(told, 'tr-1', 3, [span('b', 'a', 1, 999)]), told);
  assert.equal(tellBySpans({ ...told, state: 'in_progress' }, 'tr-1', 3, [span('a', null, 1, 2)]).state, 'ok');
});

test('tokens are counted once, where the outermost span has them', () => {
  const spans = [
    span('root', null, 0, 9),
    span('agent', 'root', 0, 9, { 'mlflow.chat.tokenUsage': amounts(10n, 4n) }),
    span('model', 'agent', 0, 9, { 'mlflow.chat.tokenUsage': amounts(10n, 4n) }),
    span('other', 'root', 0, 9, { 'mlflow.chat.tokenUsage': amounts(1n, 2n), 'mlflow.llm.cost': new Map([['total_cost', 0.5]]) }),
    span('orphan', 'gone', 0, 9, { 'mlflow.chat.tokenUsage': amounts(100n, 0n) }),
  ];
  assert.deepEqual(usageOfSpans(spans), {
    'mlflow.trace.tokenUsage': '{"input_tokens":111,"output_tokens":6}',
    'mlflow.trace.cost': '{"total_cost":0.5}',
  });
  // Spans that are each other's parent have no root, and are no reason to go round for ever.
  assert.deepEqual(usageOfSpans([span('a', 'b', 0, 1), span('b', 'a', 0, 1)]), {});
});

test('tags come from the root and the resource, the session from any span', () => {
  const spans = [span('b', 'a', 0, 1, { 'session.id': 's1' }), span('a', null, 0, 1, { 'mlflow.traceTag.colour': 'red', 'user.id': 7n })];
  assert.deepEqual(tagsOfRoot(spans), { given: { colour: 'red' }, name: { 'mlflow.traceName': 'a' } });
  assert.deepEqual(tagsOfRoot([span('b', 'a', 0, 1)]), { given: {}, name: {} });
  assert.deepEqual(metadataOfSpans(spans), { 'mlflow.trace.session': 's1', 'mlflow.trace.user': '7' });
  const resource = new Map<string, SpanValue>([
    ['service.name', 'shop'],
    ['telemetry.sdk.name', 'x'],
    ['mlflow.artifactLocation', 'evil'],
    ['process.pid', 7n],
    ['x'.repeat(300), 'too long'],
  ]);
  assert.deepEqual(tagsOfResource(resource), { 'service.name': 'shop', 'process.pid': '7' });
});
