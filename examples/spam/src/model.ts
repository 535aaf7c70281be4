/** The MLflow model directory: `MLmodel` and `model.onnx`. Nothing in it depends on the clock, so equal training gives equal bytes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACTIVITY } from './features.ts';
import type { LinearFilter } from './learn.ts';
import { toOnnx } from './onnx.ts';

/** Release of the ONNX format that first had this file's IR version and operator set. */
const ONNX_VERSION = '1.10.0';

export function writeModel(folder: string, filter: LinearFilter, threshold: number): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), toOnnx(filter, threshold));
  writeFileSync(join(folder, 'MLmodel'), describe(filter.columns, threshold));
}

/** YAML; the signature fields are JSON in strings, as MLflow has them. JSON is YAML, so `metadata` is written as JSON. */
function describe(columns: readonly string[], threshold: number): string {
  const inputs = columns.map((name) => tensor(name, 'float32', [-1, 1]));
  const outputs = [tensor('label', 'int64', [-1]), tensor('probability', 'float32', [-1, 1])];
  const pawl = {
    features: [{ view: 'sender_activity', entity: 'sender_domain', features: ACTIVITY }],
    positive_output: 'probability',
    threshold,
  };
  return [
    'flavors:',
    '  onnx:',
    '    data: model.onnx',
    `    onnx_version: ${ONNX_VERSION}`,
    '    providers: [CPUExecutionProvider]',
    'signature:',
    `  inputs: '${JSON.stringify(inputs)}'`,
    `  outputs: '${JSON.stringify(outputs)}'`,
    '  params: null',
    `metadata: ${JSON.stringify({ pawl })}`,
    '',
  ].join('\n');
}

function tensor(name: string, dtype: string, shape: readonly number[]): object {
  return { type: 'tensor', name, 'tensor-spec': { dtype, shape } };
}
