import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createInput } from './input.ts';
import { parseBody } from './json.ts';

const HINT = 'See the API docs for more information about request parameters.';

function read(body: string): ReturnType<typeof createInput> {
  return createInput(parseBody(new TextEncoder().encode(body)), 'user:a');
}

test('bare NaN and infinities, and JSON in a string, are read; the words in strings stay', () => {
  const input = read('{"a": NaN, "b":-Infinity, "c":Infinity, "s":"NaN, \\" NaN", "NaN":[NaN,1]}');
  assert.deepEqual([input.number('a'), input.number('b'), input.number('c')], [Number.NaN, -Infinity, Infinity]);
  assert.equal(input.string('s'), 'NaN, " NaN');
  assert.deepEqual(input.raw('NaN'), ['NaN', 1]);
  assert.equal(read(JSON.stringify('{"a":"x"}')).string('a'), 'x');
  assert.equal(read('').has('a'), false);
  for (const body of ['[1]', '3', '{"a":', '{"a":NaNa}', 'null']) assert.throws(() => read(body), { code: 'INVALID_PARAMETER_VALUE' });
  assert.throws(() => parseBody(Uint8Array.of(0x7b, 0xff, 0x7d)), { message: 'The request body is not UTF-8 text.' });
});

test('scalars may be strings, as R sends them', () => {
  const input = read('{"step":"3","neg":"-4","flag":"TRUE","off":false,"value":"1e-3","half":".5"}');
  assert.deepEqual([input.integer('step'), input.integer('neg')], [3, -4]);
  assert.deepEqual([input.boolean('flag'), input.boolean('off'), input.boolean('none')], [true, false, undefined]);
  assert.deepEqual([input.number('value'), input.number('half')], [0.001, 0.5]);
});

test('what is missing or of another type is told in the words of MLflow', () => {
  const input = read('{"name":"","value":3,"nil":null,"metrics":[{"key":"a"},{"key":7}],"big":9007199254740993,"part":1.5,"list":{"a":1}}');
  const missing = (name: string) => ({ message: `Missing value for required parameter '${name}'. ${HINT}` });
  const required = { required: true } as const;
  assert.throws(() => input.string('name', required), missing('name'));
  assert.equal(input.string('name', { required: true, allowEmpty: true }), '');
  assert.throws(() => input.string('nil', { required: true, allowEmpty: true }), missing('nil'));
  assert.throws(() => input.number('gone', required), missing('gone'));
  assert.throws(() => input.list('metrics')[0]?.number('value', required), missing('metrics[0].value'));
  assert.throws(() => input.string('value'), {
    message: `Invalid value 3 for parameter 'value' supplied:  Hint: Value was of type 'int'. ${HINT}`,
  });
  assert.throws(() => input.list('metrics')[1]?.string('key'), {
    message: `Invalid value 7 for parameter 'metrics[1].key' supplied:  Hint: Value was of type 'int'. ${HINT}`,
  });
  for (const name of ['big', 'part']) assert.throws(() => input.integer(name), { code: 'INVALID_PARAMETER_VALUE' });
  assert.throws(() => input.list('list'), { message: /Value was of type 'dict'/ });
  assert.throws(() => input.strings('value'), { message: /parameter 'value' supplied: {2}Hint/ });
});

test('a value that is long or deep is told in short', () => {
  assert.ok((caught(read(JSON.stringify({ a: ['x'.repeat(10_000)] }))) ?? '').length < 800);
  assert.match(caught(read(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)) ?? '', /^Invalid value \[\.\.\.\] for parameter 'a'/);
});

function caught(input: ReturnType<typeof read>): string | undefined {
  try {
    input.string('a');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test('an enum comes by name or number', () => {
  const status = { RUNNING: 1, SCHEDULED: 2 };
  assert.equal(read('{"s":"SCHEDULED"}').choice('s', status), 'SCHEDULED');
  assert.equal(read('{"s":1}').choice('s', status), 'RUNNING');
  assert.equal(read('{"s":"1"}').choice('s', status), 'RUNNING');
  assert.equal(read('{}').choice('s', status), undefined);
  assert.throws(() => read('{"s":"BAD"}').choice('s', status), {
    message: `Invalid value "BAD" for parameter 's' supplied: Value must be one of RUNNING, SCHEDULED. ${HINT}`,
  });
});

test('names of the prototype are no fields', () => {
  assert.equal(read('{}').has('constructor'), false);
  assert.equal(read('{"__proto__":"x"}').string('__proto__'), 'x');
});
