import assert from 'node:assert/strict';
import test from 'node:test';
import { isFault } from '../fault/fault.ts';
import { checkPipeline, findProblems } from './validate.ts';
import type { PipelineSpec, PipelineStep } from './types.ts';

function step(name: string, more: Partial<PipelineStep> = {}): PipelineStep {
  return { name, run: 'true', inputs: {}, outputs: {}, params: [], code: [], after: [], retries: 0, timeoutMs: 1000, cache: true, ...more };
}

function pipeline(...steps: readonly PipelineStep[]): PipelineSpec {
  return { name: 'p', experiment: 'e', params: { rate: '0.1' }, steps };
}

const table = { type: 'file', dataset: null, name: 'table.parquet' } as const;
const from = (name: string, output: string) => ({ from: 'step', step: name, output }) as const;

test('a sound pipeline has no problem', () => {
  const spec = pipeline(
    step('read', { inputs: { mail: { from: 'dataset', dataset: 'mail' } }, outputs: { table } }),
    step('train', { inputs: { table: from('read', 'table') }, params: ['rate'], after: ['read'] }),
  );
  assert.deepEqual(findProblems(spec), []);
  assert.doesNotThrow(() => checkPipeline(spec));
});

test('each problem names its step and port', () => {
  const cases: readonly (readonly [PipelineSpec, RegExp])[] = [
    [
      pipeline(step('train', { inputs: { table: from('raed', 'table') } }), step('read')),
      /Step "train", input "table": there is no step "raed"; the steps are "train", "read"/,
    ],
    [
      pipeline(step('read', { outputs: { table } }), step('train', { inputs: { data: from('read', 'tabel') } })),
      /Step "train", input "data": step "read" has no output "tabel"; it has "table"/,
    ],
    [pipeline(step('a'), step('a')), /Two steps are named "a"/],
    [pipeline(step('a', { after: ['b'] }), step('b', { after: ['c'] }), step('c', { after: ['a'] })), /in a circle: a ← b ← c ← a/],
    [pipeline(step('a', { after: ['a'] })), /in a circle: a ← a/],
    [
      pipeline(step('a', { outputs: { x: { ...table, dataset: 'd' } } }), step('b', { outputs: { y: { ...table, dataset: 'd' } } })),
      /Dataset "d" is written twice: by output "x" of step "a" and by output "y" of step "b"/,
    ],
    [
      pipeline(step('a', { inputs: { 'x-y': { from: 'dataset', dataset: 'd' }, x_y: { from: 'dataset', dataset: 'd' } } })),
      /Step "a": inputs "x-y" and "x_y" are the same PAWL_INPUT_ variable/,
    ],
    [pipeline(step('a', { params: ['depth'] })), /Step "a": the pipeline has no parameter "depth"; it has "rate"/],
    [pipeline(step('a', { code: ['../outside.py'] })), /Step "a": the code file "..\/outside.py" must be a relative path/],
    [pipeline(step('a', { after: ['z'] })), /Step "a": it is to run after "z", but there is no such step/],
    [pipeline(step('a', { outputs: { x: { ...table, name: '../x' } } })), /Step "a", output "x": "..\/x" is not a plain file name/],
    [pipeline(step('a', { retries: -1 })), /Step "a": retries must be a whole number/],
    [pipeline(step('a', { run: ' ' })), /Step "a" has no command/],
    [pipeline(), /It has no step/],
  ];
  for (const [spec, message] of cases)
    assert.match(
      findProblems(spec)
        .map(({ problem }) => problem)
        .join('\n'),
      message,
    );
});

test('the fault tells all problems at once', () => {
  const broken = pipeline(step('a', { params: ['depth'], after: ['z'] }));
  assert.throws(
    () => checkPipeline(broken),
    (error) =>
      isFault(error, 'pipeline_invalid') &&
      error.message.includes('"depth"') &&
      error.message.includes('"z"') &&
      error.message.startsWith('Pipeline "p"'),
  );
});
