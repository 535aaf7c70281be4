import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointRoute } from '@pawl/core';
import type { Answered } from './records.ts';
import { toRecords } from './records.ts';

const arm = { name: 'candidate', version: 4, package: 'sha256:4', weight: 0.1 } as const;
const route: EndpointRoute = { endpoint: 'spam', model: 'spam-filter', rollout: 'r1', arms: [arm] };
const answered: Answered = {
  predictionId: 'p1',
  requestId: 'mine',
  route,
  assignment: { arm, candidateWeight: 0.1, keyHash: 'ff' },
  pinned: false,
  time: 1000,
  latencyMs: 2,
  code: 'ok',
  rows: 2,
  inputs: {
    x: { datatype: 'FP32', shape: [2, 1], data: Float32Array.of(0.5, NaN) },
    pair: { datatype: 'FP64', shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) },
    triple: { datatype: 'FP64', shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) },
    domain: { datatype: 'BYTES', shape: [2], data: ['a', 'b'] },
    image: { datatype: 'UINT8', shape: [2, 5000], data: new Uint8Array(10_000) },
  },
  outputs: {
    label: { datatype: 'INT64', shape: [2], data: BigInt64Array.of(1n, 2n ** 60n) },
    yes: { datatype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) },
    total: { datatype: 'FP32', shape: [1], data: Float32Array.of(9) },
  },
  model: {
    decision: { label: 'yes', score: null, column: null, positive: true },
    inputs: [{ name: 'triple', datatype: 'FP64', shape: [-1, 3], columns: ['height', 'width', 'depth'] }],
  },
};

test('one record a row, with the values of that row; what is not by row or too wide is left out', () => {
  const [first, second] = toRecords(answered);
  assert.deepEqual(first, {
    id: 'p1',
    row: 0,
    endpoint: 'spam',
    model: 'spam-filter',
    version: 4,
    rollout: 'r1',
    arm: 'candidate',
    candidateWeight: 0.1,
    keyHash: 'ff',
    requestId: 'mine',
    time: 1000,
    latencyMs: 2,
    code: 'ok',
    decided: true,
    inputs: { x: 0.5, 'pair[0]': 1, 'pair[1]': 2, height: 1, width: 2, depth: 3, domain: 'a' },
    outputs: { label: 1, yes: true },
  });
  assert.deepEqual(
    [second?.row, second?.decided, second?.inputs, second?.outputs],
    [
      1,
      false,
      { x: null, 'pair[0]': 3, 'pair[1]': 4, height: 4, width: 5, depth: 6, domain: 'b' },
      { label: '1152921504606846976', yes: false },
    ],
  );
});

test('a failure before its rows were known is one record; a pinned version is no evidence', () => {
  const records = toRecords({ ...answered, code: 'tensor_missing', pinned: true, rows: 0, inputs: {}, outputs: {} });
  assert.equal(records.length, 1);
  assert.deepEqual([records[0]?.code, records[0]?.rollout, records[0]?.inputs], ['tensor_missing', null, {}]);
});
