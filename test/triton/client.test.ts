// Triton's own client against the data plane, over HTTP with and without binary tensors, and over gRPC.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { toUuid7 } from '@pawl/core';
import { createGrpcServer } from '@pawl/serving';
import { ensurePython } from '../../scripts/python.ts';
import { FLOAT, toOnnxFile } from '../serving/onnx-file.ts';
import { arm, silent, startStand } from '../serving/stand.ts';

/** Numbers of `TensorProto.DataType` (onnx/onnx:onnx/onnx.proto). */
const TYPES = {
  BOOL: 9,
  UINT8: 2,
  UINT16: 4,
  UINT32: 12,
  UINT64: 13,
  INT8: 3,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  FP16: 10,
  FP32: FLOAT,
  FP64: 11,
  BYTES: 8,
};

function toIdentity(type: number, width: number): Uint8Array {
  const value = (name: string) => ({ name, type, shape: ['n', width] });
  return toOnnxFile({
    inputs: [value('x')],
    outputs: [value('y')],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
    tensors: [],
  });
}

test('tritonclient: every datatype, both wires, compression, streams, index, configuration, statistics, errors', async () => {
  const python = await ensurePython('triton');
  const models = [
    ...Object.entries(TYPES).map(([name, type]) => ({ endpoint: `identity-${name}`, file: toIdentity(type, 2) })),
    { endpoint: 'scores', file: toIdentity(FLOAT, 3) },
  ];
  const stand = await startStand({
    packages: Object.fromEntries(models.map(({ file }, index) => [index + 1, { onnx: file, plain: true }])),
    routes: models.map(({ endpoint }, index) => ({ endpoint, model: endpoint, rollout: null, arms: [arm('stable', index + 1)] })),
  });
  const grpc = await createGrpcServer({
    plane: stand.plane,
    ids: { next: () => toUuid7(Date.now(), randomBytes(10)) },
    logger: silent,
  });
  try {
    const port = await grpc.listen('127.0.0.1', 0);
    await stand.ready();
    const script = join(import.meta.dirname, 'client.py');
    const { stdout } = await promisify(execFile)(python, [script, new URL(stand.url).host, `127.0.0.1:${port}`], {
      timeout: 40_000,
      killSignal: 'SIGINT',
    });
    assert.ok(Number(stdout) > 200, `${stdout} checks`);
  } finally {
    await grpc.close(1000);
    await stand.close();
  }
});
