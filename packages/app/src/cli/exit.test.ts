import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failed, UsageError, toExit } from './exit.ts';

test('each kind of error has its exit code', () => {
  const coded = (code: string): Error => Object.assign(new Error('what was wrong'), { code });
  assert.deepEqual(toExit(new Failed()), { code: 1, message: undefined });
  assert.deepEqual(toExit(coded('dataset_not_found')), { code: 1, message: 'Error: what was wrong' });
  assert.deepEqual(toExit(coded('invalid_input')), { code: 2, message: 'Error: what was wrong' });
  assert.deepEqual(toExit(new UsageError('x')), { code: 2, message: 'Error: x' });
  assert.deepEqual(toExit(coded('server_unreachable')), { code: 3, message: 'Error: what was wrong' });
  assert.deepEqual(toExit(new DOMException('Interrupted.', 'AbortError')), { code: 130, message: 'Interrupted.' });
});

test('a message is one line, whatever it holds', () => {
  assert.equal(toExit(new Error('a\n    at b\u001b[31m')).message, 'Error: a     at b [31m');
  assert.equal(toExit(undefined).message, 'Error: something went wrong');
});
