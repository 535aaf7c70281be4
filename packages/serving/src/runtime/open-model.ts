import { join } from 'node:path';
import { fault } from '@pawl/core';
import type { LocalModel, ModelFile, ModelSpec } from '@pawl/core';
import type { ModelRuntime } from './runtime.ts';
import { checkRowModel, nameColumns } from '../endpoint/signature.ts';
import { openBooster } from './open-booster.ts';
import { openOnnx } from './open-onnx.ts';
import { zeroTensor } from '../tensor/tensor.ts';

/** One row of zeros, where sizes that the graph leaves open are 1: a graph that cannot answer it gets no traffic. */
async function warmUp(runtime: ModelRuntime, file: string): Promise<void> {
  const zeros = runtime.inputs.map((input) => {
    const shape = input.shape.map((size) => (size === -1 ? 1 : size));
    return [input.name, zeroTensor(input.datatype, shape)] as const;
  });
  try {
    await runtime.run({ rows: 1, columns: Object.fromEntries(zeros) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw fault('model_file_invalid', { file, reason: `it fails on a row of zeros (${reason})` }, error);
  }
}

async function openFile(folder: string, { format, path, bestOnly }: ModelFile, spec: ModelSpec): Promise<ModelRuntime> {
  if (format === 'python') throw fault('model_file_invalid', { file: path, reason: 'only Python can open it' });
  const file = { path: join(folder, path), name: path };
  return format === 'onnx'
    ? openOnnx(file)
    : openBooster(file, format === 'xgboost' ? { library: format, bestOnly } : { library: 'lightgbm' }, spec.decision);
}

/** Loads a package's model, proves that model and package fit, and has it answer once. Throws `model_file_invalid`, `model_package_invalid`. */
export async function openModel({ folder, spec }: LocalModel): Promise<ModelRuntime> {
  const opened = await openFile(folder, spec.file, spec);
  const runtime: ModelRuntime = { ...opened, inputs: nameColumns(opened.inputs, spec.schema) };
  try {
    checkRowModel(spec, runtime);
    await warmUp(runtime, spec.file.path);
    return runtime;
  } catch (error) {
    await runtime.close();
    throw error;
  }
}
