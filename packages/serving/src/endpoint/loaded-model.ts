import type { CellValue, Digest, ModelFile, ModelSchema, ModelSource, ModelSpec } from '@pawl/core';
import type { Batch, Columns, TensorSpec } from '../tensor/tensor.ts';
import type { Decision } from './decision.ts';
import { splitInputs } from './matrix.ts';
import { toDecision } from './decision.ts';
import type { ModelRuntime, Predicts } from '../runtime/runtime.ts';
import type { Span } from './statistics.ts';
import { toSignature } from './signature.ts';
import { createBatcher } from '../runtime/batcher.ts';
import type { RuntimePorts } from '../runtime/open-model.ts';
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
  readonly schema: ModelSchema | null;
  /** What MLflow's `predict` gives of it. */
  readonly predicts: Predicts;
  /** Whether it takes whatever columns it is given, since nobody declared any. */
  readonly open: boolean;
  readonly flavor: string;
  /** A classifier's classes in the order of its scores, where the model tells them. */
  readonly classes: readonly CellValue[] | null;
}

export interface LoadPorts extends RuntimePorts {
  readonly models: ModelSource;
}

/** A model that has answered its warm-up and counts who uses it. */
export interface LoadedModel {
  readonly spec: ModelSpec;
  readonly served: ServedModel;
  /** How it decides between two classes, if it does. */
  readonly decision: Decision | undefined;
  /** What the model takes of a request, with what is looked up. */
  readonly inputs: readonly TensorSpec[];
  run(batch: Batch): Promise<Columns>;
  /** Runs of the model until now: requests that waited run together. */
  executions(): Span;
  /** Marks one request as under way until the function it gives is called. */
  enter(): () => void;
  /** Frees the model once nobody uses it; nobody may enter any more. */
  retire(): Promise<void>;
}

const platforms: Readonly<Record<ModelFile['format'], string>> = {
  onnx: 'onnx_onnxv1',
  xgboost: 'xgboost_booster',
  lightgbm: 'lightgbm_text',
  python: 'mlflow_pyfunc',
};

/** Opens a package by digest and loads it, warm. Throws the faults of ModelSource, `model_file_invalid`, `model_package_invalid`. */
export async function loadModel(ports: LoadPorts, digest: Digest, maxBatchRows: number): Promise<LoadedModel> {
  const local = await ports.models.open(digest);
  const { spec } = local;
  const runtime = await openModel(local, ports);
  const split = splitInputs(runtime.inputs, spec.features);
  const decision = toDecision(spec.decision, runtime);
  const executed = { count: 0, ms: 0 };
  const timed: ModelRuntime = {
    ...runtime,
    run: async (batch) => {
      const began = performance.now();
      try {
        return await runtime.run(batch);
      } finally {
        executed.count += 1;
        executed.ms += performance.now() - began;
      }
    },
  };
  const run = runtime.gathers ? createBatcher(timed, maxBatchRows).run : timed.run;
  let users = 0;
  let whenUnused: (() => void) | undefined;
  return {
    spec,
    served: {
      platform: platforms[spec.file.format],
      engine: runtime.engine,
      inputs: toSignature(spec, split.inputs),
      outputs: runtime.outputs,
      schema: spec.schema,
      predicts: runtime.predicts,
      open: runtime.open,
      flavor: spec.flavor,
      classes: runtime.classes,
    },
    decision: 'reason' in decision ? undefined : decision,
    inputs: split.inputs,
    run: (batch) => run({ ...batch, columns: split.join(batch.columns, batch.rows) }),
    executions: () => ({ ...executed }),
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
