import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import { parseRequest } from './request-text.ts';

const parse = (text: string) => parseRequest(Buffer.from(text));

test('the bare tokens of Python become strings, and only outside strings', () => {
  assert.deepEqual(parse('{"a":[NaN,-Infinity, Infinity,1,-2],"b":"NaN \\"-Infinity"}').value, {
    a: ['NaN', '-Infinity', 'Infinity', 1, -2],
    b: 'NaN "-Infinity',
  });
});

test('whole numbers beyond 2^53 are read again from the text, exactly', () => {
  const text = parse('{"a":[9007199254740993,-9223372036854775808,1,1.5,1e300]}');
  assert.deepEqual(text.exact(), { a: [9007199254740993n, -9223372036854775808n, 1, 1.5, 1e300] });
});

test('what is no JSON is refused without repeating it', () => {
  for (const text of ['', '  ', '{', 'secret', '{"a":Nan}', "{'a':1}"]) {
    assert.throws(
      () => parse(text),
      (error) => isFault(error, 'request_invalid') && !error.message.includes('secret'),
    );
  }
  assert.throws(
    () => parseRequest(Uint8Array.of(0x22, 0xff, 0x22)),
    (error) => isFault(error, 'request_invalid') && error.message.includes('UTF-8'),
  );
});

test('a million brackets are refused or parsed, never a crash', () => {
  const deep = '['.repeat(1_000_000);
  assert.throws(
    () => parse(deep),
    (error) => isFault(error, 'request_invalid'),
  );
  assert.ok(Array.isArray(parse(deep + ']'.repeat(1_000_000)).value));
});
