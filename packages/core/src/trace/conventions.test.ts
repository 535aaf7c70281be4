import { test } from 'node:test';
import assert from 'node:assert/strict';
import { withConventions } from './conventions.ts';
import type { Span, SpanValue } from './types.ts';

function addedTo(attributes: Record<string, SpanValue>): Record<string, SpanValue> {
  const span: Span = {
    trace: 'tr-1',
    id: 'a',
    parent: null,
    name: 'a',
    status: 'ok',
    message: '',
    startedAt: 0n,
    endedAt: 1n,
    attributes: new Map(Object.entries(attributes)),
    events: [],
    links: [],
  };
  const after = withConventions(span).attributes;
  return Object.fromEntries([...after].filter(([key]) => key.startsWith('mlflow.')));
}

const usage = (input: bigint, output: bigint, total: bigint): SpanValue =>
  new Map([
    ['input_tokens', input],
    ['output_tokens', output],
    ['total_tokens', total],
  ]);

test('OpenTelemetry’s conventions for generative AI', () => {
  assert.deepEqual(
    addedTo({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4',
      'gen_ai.response.model': 'gpt-4-0613',
      'gen_ai.usage.input_tokens': 7n,
      'gen_ai.usage.output_tokens': 3n,
      'gen_ai.input.messages': '[{"role":"user"}]',
    }),
    {
      'mlflow.spanType': 'CHAT_MODEL',
      'mlflow.spanInputs': [new Map([['role', 'user']])],
      'mlflow.llm.model': 'gpt-4-0613',
      'mlflow.chat.tokenUsage': usage(7n, 3n, 10n),
    },
  );
});

test('OpenInference and OpenLLMetry', () => {
  assert.deepEqual(
    addedTo({
      'openinference.span.kind': 'RETRIEVER',
      'input.value': 'plain { text',
      'output.value': '{broken',
      'llm.token_count.prompt': 2,
      'llm.token_count.total': 9n,
    }),
    {
      'mlflow.spanType': 'RETRIEVER',
      'mlflow.spanInputs': 'plain { text',
      'mlflow.spanOutputs': '{broken',
      'mlflow.chat.tokenUsage': usage(2n, 0n, 9n),
    },
  );
  assert.deepEqual(addedTo({ 'traceloop.span.kind': 'workflow', 'traceloop.entity.input': '{"a":1}' }), {
    'mlflow.spanType': 'WORKFLOW',
    'mlflow.spanInputs': new Map([['a', 1n]]),
  });
});

test('what MLflow’s own attributes say wins, and nothing is made of nothing', () => {
  const own = { 'mlflow.spanType': 'TOOL', 'mlflow.spanInputs': 'mine' };
  assert.deepEqual(addedTo({ ...own, 'gen_ai.operation.name': 'chat', 'input.value': 'theirs' }), own);
  assert.deepEqual(addedTo({ 'mlflow.spanType': 'UNKNOWN', 'gen_ai.operation.name': 'chat' }), { 'mlflow.spanType': 'CHAT_MODEL' });
  assert.deepEqual(addedTo({ 'http.method': 'GET', 'gen_ai.operation.name': 'constructor' }), {});
});
