import type { Digest, ModelSource, ModelSpec } from '@pawl/core';
import type { Batch, Columns, TensorSpec } from '../tensor/tensor.ts';
import { toSignature } from './signature.ts';
import { createBatcher } from '../runtime/batcher.ts';
import { openModel } from '../runtime/open-model.ts';

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

/** Opens a package by digest and loads it, warm. Throws the faults of ModelSource, `model_file_invalid`, `model_package_invalid`. */
export async function loadModel(source: ModelSource, digest: Digest, maxBatchRows: number): Promise<LoadedModel> {
  const local = await source.open(digest);
  const { spec } = local;
  const runtime = await openModel(local);
  const run = runtime.gathers ? createBatcher(runtime, maxBatchRows).run : runtime.run;
  let users = 0;
  let whenUnused: (() => void) | undefined;
  return {
    spec,
    engine: runtime.engine,
    inputs: runtime.inputs,
    outputs: runtime.outputs,
    signature: toSignature(spec, runtime.inputs),
    run,
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
