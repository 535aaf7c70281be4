import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComparedRun } from '../experiment/compare.ts';
import type { GateDecision } from '../gate/types.ts';
import { compareVersions } from './compare.ts';
import type { ComparedVersion } from './compare.ts';
import type { ModelVersion } from './types.ts';

const version: ModelVersion = {
  model: 'm',
  version: 1,
  package: null,
  source: null,
  location: null,
  loggedModel: null,
  run: 'r',
  runLink: '',
  task: null,
  inputs: [],
  evaluation: null,
  stage: 'None',
  description: '',
  tags: {},
  createdAt: 0,
  createdBy: 'user:a',
  updatedAt: 0,
  forced: null,
  key: 'k',
  revision: 1,
};

function runOf(metrics: Readonly<Record<string, number>>, params: Readonly<Record<string, string>> = {}): ComparedRun {
  const run = {
    id: 'r',
    experiment: 0,
    name: '',
    status: 'finished',
    startedAt: 0,
    endedAt: 1,
    code: null,
    environment: {},
    user: '',
    lifecycle: 'active',
    artifactUri: '',
    params,
    tags: {},
  } as const;
  const points = Object.entries(metrics).map(([key, value]) => ({ run: 'r', key, value, step: 0, time: 0 }));
  return {
    detail: { run, metrics: points, datasets: [], modelInputs: [], modelOutputs: [] },
    extremes: [],
    inputs: [{ dataset: 'raw', version: 9, role: 'training' }],
  };
}

function decisionOf(f1: number, falsePositives: number, evaluation: number, verdict: GateDecision['verdict'] = 'PASS'): GateDecision {
  const measured = (name: string, value: number) => ({
    name,
    verdict,
    summary: '',
    numbers: { value, low: value - 0.1, high: value + 0.1 },
  });
  return {
    id: 'd',
    gate: 'g',
    model: 'm',
    candidate: 1,
    champion: null,
    evaluation: { dataset: 'e', version: evaluation },
    verdict,
    checks: [measured('F1 floor', f1), measured('false-positive limit', falsePositives)],
    at: 0,
    forced: null,
  };
}

const of = (more: Partial<ComparedVersion>): ComparedVersion => ({
  version,
  aliases: [],
  run: null,
  gate: null,
  signature: null,
  size: null,
  ...more,
});

test('metrics differ from the first version, and the better is marked where its name or the gate tells', () => {
  const first = of({ run: runOf({ f1: 0.8, false_positive_rate: 0.02, epochs: 3, 'system/cpu': 9 }, { lr: '1', depth: '2' }) });
  const second = of({ run: runOf({ f1: 0.9, false_positive_rate: 0.04, epochs: 5 }, { lr: '2', depth: '2' }) });
  const { metrics, params } = compareVersions(first, second);
  assert.deepEqual(
    metrics.map(({ key, goal, best }) => [key, goal, best]),
    [
      ['epochs', null, []],
      ['f1', 'max', [1]],
      ['false_positive_rate', 'min', [0]],
    ],
  );
  assert.deepEqual(metrics[0]?.deltas, [0, 2]);
  assert.deepEqual(
    params.map(({ key, differs }) => [key, differs]),
    [
      ['depth', false],
      ['lr', true],
    ],
  );
});

test('a version without a run has no metrics, and is no reason to show none of the other', () => {
  const { metrics, data } = compareVersions(of({}), of({ run: runOf({ f1: 0.9 }) }));
  assert.deepEqual([metrics[0]?.values, metrics[0]?.deltas, metrics[0]?.best], [[null, 0.9], [null, null], []]);
  assert.deepEqual(data, [{ name: 'raw', version: '9', role: 'training', used: [false, true] }]);
});

test('what a version says that it was trained on goes before what its run read', () => {
  const inputs = [{ dataset: 'mail', version: 2, role: 'training' }];
  const { data } = compareVersions(of({ version: { ...version, inputs }, run: runOf({}) }), of({ version: { ...version, inputs } }));
  assert.deepEqual(data, [{ name: 'mail', version: '2', role: 'training', used: [true, true] }]);
});

test('what gates measured is marked only where they judged on the same data', () => {
  const same = compareVersions(of({ gate: decisionOf(0.8, 0.05, 1) }), of({ gate: decisionOf(0.9, 0.07, 1, 'FAIL') }));
  assert.equal(same.comparable, true);
  assert.deepEqual(
    same.checks.map(({ name, goal, best, verdicts }) => [name, goal, best, verdicts]),
    [
      ['F1 floor', 'max', [1], ['PASS', 'FAIL']],
      ['false-positive limit', 'min', [0], ['PASS', 'FAIL']],
    ],
  );
  assert.deepEqual(
    [same.checks[0]?.values, same.checks[0]?.upper],
    [
      [0.8, 0.9],
      [0.9, 1],
    ],
  );
  const other = compareVersions(of({ gate: decisionOf(0.8, 0.05, 1) }), of({ gate: decisionOf(0.9, 0.07, 2) }));
  assert.deepEqual([other.comparable, other.checks.map(({ best }) => best)], [false, [[], []]]);
  const alone = compareVersions(of({}), of({ gate: decisionOf(0.9, 0.07, 2) }));
  assert.deepEqual([alone.comparable, alone.checks[0]?.verdicts], [false, [null, 'PASS']]);
});

test('signatures differ by part, name and type', () => {
  const field = (name: string, type: string) => ({ name, type });
  const first = { inputs: [field('x', 'double'), field('y', 'long')], outputs: [field('', 'float32[-1]')], params: [] };
  const second = { inputs: [field('x', 'float'), field('z', 'long')], outputs: [field('', 'float32[-1]')], params: [] };
  assert.deepEqual(compareVersions(of({ signature: first }), of({ signature: second })).signature, [
    { part: 'input', name: 'x', types: ['double', 'float'], differs: true },
    { part: 'input', name: 'y', types: ['long', null], differs: true },
    { part: 'input', name: 'z', types: [null, 'long'], differs: true },
    { part: 'output', name: '', types: ['float32[-1]', 'float32[-1]'], differs: false },
  ]);
});
