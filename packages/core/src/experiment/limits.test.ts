import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '../fault/fault.ts';
import { checkBatch, checkExperimentName, checkKey, toParamValue } from './limits.ts';
import { inventName, nameRun } from './name.ts';

const refuses = (work: () => void, message: RegExp): void =>
  assert.throws(work, (error) => isFault(error, 'record_invalid') && message.test(error.message));

test('keys are names that are their own normal path', () => {
  for (const key of ['loss', 'é/β', 'val loss', 'a.b-c:d_e/f', '.a', '..', 'a'.repeat(250)].filter((each) => each !== '..'))
    checkKey(key, 'key', 'key');
  for (const key of ['..', '../a', '/a', 'a/', 'a//b', './a', '.', 'a/../b', ''])
    refuses(() => checkKey(key, 'key', 'key'), /^Invalid value .* must not resolve to other names/);
  for (const key of ['a$b', 'a\nb', 'a\\b', '👍'])
    refuses(() => checkKey(key, 'metrics[0].name', 'x'), /for parameter 'metrics\[0\]\.name' supplied: Names may only/);
  refuses(() => checkKey('a'.repeat(251), 'key', 'Metric name'), /^'Metric name' exceeds the maximum length of 250 characters$/);
});

test('a batch is bounded in each kind and in all', () => {
  checkBatch(1000, 0, 0);
  checkBatch(800, 100, 100);
  refuses(
    () => checkBatch(1001, 0, 0),
    /^A batch logging request can contain at most 1000 metrics. Got 1001 metrics. Please split up metrics across/,
  );
  refuses(() => checkBatch(0, 101, 0), /at most 100 params. Got 101/);
  refuses(() => checkBatch(0, 0, 101), /at most 100 tags/);
  refuses(() => checkBatch(900, 100, 1), /at most 1000 metrics, params, and tags. Got 1001/);
});

test('long values are cut by characters, names refused', () => {
  assert.equal(toParamValue('👍'.repeat(6001)), '👍'.repeat(6000));
  assert.equal(toParamValue('a'.repeat(6000)).length, 6000);
  refuses(() => checkExperimentName('x'.repeat(501)), /'name' exceeds the maximum length of 500/);
  refuses(() => checkExperimentName(''), /Invalid experiment name: ''/);
});

test('a name and its tag are one', () => {
  assert.deepEqual(
    nameRun('a', { b: '1' }, () => 'x'),
    { name: 'a', tags: { b: '1', 'mlflow.runName': 'a' } },
  );
  assert.deepEqual(nameRun('', { 'mlflow.runName': 'a' }, () => 'x').name, 'a');
  assert.deepEqual(
    nameRun('', { 'mlflow.runName': '' }, () => 'x'),
    { name: 'x', tags: { 'mlflow.runName': 'x' } },
  );
  refuses(() => nameRun('a', { 'mlflow.runName': 'b' }, () => 'x'), /^Both 'run_name' argument and 'mlflow.runName' tag/);
  assert.match(
    inventName(() => 0.999),
    /^[a-z]+-[a-z]+-999$/,
  );
});
