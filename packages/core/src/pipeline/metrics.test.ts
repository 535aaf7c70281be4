import assert from 'node:assert/strict';
import test from 'node:test';
import { isFault } from '../fault/fault.ts';
import { fromMetricsText } from './metrics.ts';

test('both forms of a metrics file', () => {
  assert.deepEqual(fromMetricsText('evaluate', 'scores', '{"f1": 0.9, "auc": 0.97}'), [
    { name: 'f1', value: 0.9, step: 0 },
    { name: 'auc', value: 0.97, step: 0 },
  ]);
  assert.deepEqual(fromMetricsText('train', 'loss', '[{"name": "loss", "value": 2, "step": 1}, {"name": "loss", "value": 1, "step": 2}]'), [
    { name: 'loss', value: 2, step: 1 },
    { name: 'loss', value: 1, step: 2 },
  ]);
  assert.deepEqual(fromMetricsText('train', 'loss', '{}'), []);
});

test('what is wrong is said', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{', /is not JSON/],
    ['7', /must be \{"name": number\}/],
    ['{"f1": "0.9"}', /"f1" is not a finite number/],
    ['{"f1": 1e999}', /"f1" is not a finite number/],
    ['[{"value": 1}]', /entry 1 has no name/],
    ['[3]', /entry 1 is not an object/],
    ['[{"name": "a", "value": 1, "step": 0.5}]', /step of "a" is not a whole number/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => fromMetricsText('evaluate', 'scores', text),
      (error) =>
        isFault(error, 'output_invalid') && message.test(error.message) && error.message.includes('Output "scores" of step "evaluate"'),
    );
  }
});
