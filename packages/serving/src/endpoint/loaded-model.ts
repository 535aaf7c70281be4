import type { Digest, ModelFile, ModelSource, ModelSpec } from '@pawl/core';
import type { Batch, Columns, TensorSpec } from '../tensor/tensor.ts';
import { toSignature } from './signature.ts';
import { createBatcher } from '../runtime/batcher.ts';
import { openModel } from '../runtime/open-model.ts';

/** What protocols know of a loaded version. */
export interface ServedModel {
  /** `<project>_<format>`, as the Open Inference Protocol has it. */
  readonly platform: string;
  /** What computes it; where that is not the fastest there is, also why. */
  readonly engine: string;
  /** What a request sends. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** A model that has answered its warm-up and counts who uses it. */
export interface LoadedModel {
  readonly spec: ModelSpec;
  readonly served: ServedModel;
  /** The model's own inputs, those that are looked up included. */
  readonly inputs: readonly TensorSpec[];
  run(batch: Batch): Promise<Columns>;
  /** Marks one request as under way until the function it gives is called. */
  enter(): () => void;
  /** Frees the model once nobody uses it; nobody may enter any more. */
  retire(): Promise<void>;
}

const platforms: Readonly<Record<ModelFile['format'], string>> = {
  onnx: 'onnx_onnxv1',
  xgboost: 'xgboost_booster',
  lightgbm: 'lightgbm_text',
};

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
    served: {
      platform: platforms[spec.file.format],
      engine: runtime.engine,
      inputs: toSignature(spec, runtime.inputs),
      outputs: runtime.outputs,
    },
    inputs: runtime.inputs,
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
