import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toPoint } from './run-log.ts';

test('a metric is a number with an optional step', () => {
  const read = (text: string) => toPoint(text, [])[0];
  assert.deepEqual(read('loss=0.3@10'), { key: 'loss', value: 0.3, step: 10 });
  assert.deepEqual(read('val/loss =-1e-3'), { key: 'val/loss ', value: -0.001 });
  assert.deepEqual(
    ['NaN', 'inf', '-Infinity@2'].map((text) => read(`x=${text}`)?.value),
    ['NaN', 'Infinity', '-Infinity'],
  );
  assert.deepEqual(
    toPoint('b=2', [{ key: 'a', value: 1 }]).map(({ key }) => key),
    ['a', 'b'],
  );
  for (const bad of ['loss', '=1', 'loss=', 'loss=much', 'loss=1@', 'loss=1@x', 'loss=1@-1'])
    assert.throws(() => read(bad), /name=number/, bad);
});
