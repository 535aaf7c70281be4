import { join } from 'node:path';
import type { Digest, ModelSource, ModelSpec } from '@pawl/core';
import type { Batch, Columns, TensorSpec } from '../tensor/tensor.ts';
import type { ModelRuntime } from '../runtime/runtime.ts';
import { checkRowModel, toSignature } from './signature.ts';
import { createBatcher } from '../runtime/batcher.ts';
import { loadOnnx } from '../runtime/onnx/onnx-runtime.ts';
import { zeroTensor } from '../tensor/tensor.ts';

/** A model that has answered its warm-up and counts who uses it. */
export interface LoadedModel {
  readonly spec: ModelSpec;
  readonly engine: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** What a request sends. */
  readonly signature: readonly TensorSpec[];
  run(batch: Batch): Promise<Columns>;
  /** Marks one request as under way until the function it gives is called. */
  enter(): () => void;
  /** Frees the model once nobody uses it; nobody may enter any more. */
  retire(): Promise<void>;
}

/** One row of zeros (sizes that the graph leaves open are 1): a graph that cannot answer it gets no traffic. */
async function warmUp(runtime: ModelRuntime): Promise<void> {
  const columns = Object.fromEntries(
    runtime.inputs.map((input) => [
      input.name,
      zeroTensor(
        input.datatype,
        input.shape.map((size) => (size === -1 ? 1 : size)),
      ),
    ]),
  );
  await runtime.run({ rows: 1, columns });
}

/** Opens, loads, checks and warms a package. Throws the faults of ModelSource, `model_file_invalid`, `model_package_invalid`, or the model's own Error. */
export async function loadModel(source: ModelSource, digest: Digest, maxBatchRows: number): Promise<LoadedModel> {
  const { folder, spec } = await source.open(digest);
  const runtime = await loadOnnx({ path: join(folder, spec.onnx), name: spec.onnx });
  try {
    checkRowModel(spec, runtime);
    await warmUp(runtime);
  } catch (error) {
    await runtime.close();
    throw error;
  }
  const batcher = createBatcher(runtime, maxBatchRows);
  let users = 0;
  let whenUnused: (() => void) | undefined;
  return {
    spec,
    engine: runtime.engine,
    inputs: runtime.inputs,
    outputs: runtime.outputs,
    signature: toSignature(spec, runtime.inputs),
    run: batcher.run,
    enter: () => {
      users += 1;
      return () => {
        users -= 1;
        if (users === 0) whenUnused?.();
      };
    },
    retire: async () => {
      if (users > 0) await new Promise<void>((resolve) => (whenUnused = resolve));
      await runtime.close();
    },
  };
}
