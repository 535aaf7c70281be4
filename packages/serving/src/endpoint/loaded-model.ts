import type { CellValue, Digest, LocalModel, ModelFile, ModelSchema, ModelSource, ModelSpec } from '@pawl/core';
import type { Batch, Columns, TensorSpec } from '../tensor/tensor.ts';
import type { Decision } from './decision.ts';
import { splitInputs } from './matrix.ts';
import { toDecision } from './decision.ts';
import type { Explanation, ModelRuntime, Predicts } from '../runtime/runtime.ts';
import type { Span } from './statistics.ts';
import type { Residency, Sleeper } from './residency.ts';
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
  readonly residency: Residency;
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
  /** Undefined: this model cannot tell. */
  readonly explain: ((batch: Batch) => Promise<Explanation>) | undefined;
  /** Whether requests may wait for others, so that their time must be watched. */
  readonly waits: boolean;
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

/**
 * Opens a package by digest and loads it, warm. While nobody asks it may leave memory, and is loaded again by who asks next. Throws the faults of ModelSource,
 * `model_file_invalid`, `model_package_invalid`, `python_unavailable`.
 */
export async function loadModel(ports: LoadPorts, digest: Digest, maxBatchRows: number): Promise<LoadedModel> {
  const { residency } = ports;
  const executed = { count: 0, ms: 0 };
  const open = (): Promise<Awake> =>
    residency.load(async () => {
      const local = await ports.models.open(digest);
      const runtime = timed(await openModel(local, ports), executed);
      return { local, runtime, run: runtime.gathers ? createBatcher(runtime, maxBatchRows).run : runtime.run };
    });
  let awake: Awake | undefined = await open();
  const { spec } = awake.local;
  const { runtime } = awake;
  const split = splitInputs(runtime.inputs, spec.features);
  const decision = toDecision(spec.decision, runtime);
  let users = 0;
  let usedAt = performance.now();
  let whenUnused: (() => void) | undefined;
  let waking: Promise<Awake> | undefined;
  let leaving: Promise<void> = Promise.resolve();
  const resident: Sleeper = {
    bytes: runtime.bytes,
    get usedAt() {
      return usedAt;
    },
    get busy() {
      return users > 0;
    },
    rest: () => {
      const left = awake?.runtime;
      awake = undefined;
      leaving = left?.close() ?? leaving;
    },
  };
  residency.add(resident);

  async function wake(): Promise<Awake> {
    waking ??= leaving
      .then(open)
      .then((opened) => {
        awake = opened;
        residency.add(resident);
        return opened;
      })
      .finally(() => (waking = undefined));
    return waking;
  }

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
    explain:
      runtime.explain &&
      (async (batch) => {
        const { runtime: present } = awake ?? (await wake());
        const found = await present.explain?.({ ...batch, columns: split.join(batch.columns, batch.rows) });
        if (found === undefined) throw new Error('the model cannot explain itself any more');
        return { ...found, columns: runtime.inputs[0]?.columns ?? found.columns };
      }),
    waits: runtime.gathers,
    run: async (batch) => {
      const { run } = awake ?? (await wake());
      return run({ ...batch, columns: split.join(batch.columns, batch.rows) });
    },
    executions: () => ({ ...executed }),
    enter: () => {
      users += 1;
      usedAt = performance.now();
      return () => {
        users -= 1;
        if (users > 0) return;
        whenUnused?.();
        residency.settle();
      };
    },
    retire: async () => {
      if (users > 0) await new Promise<void>((resolve) => (whenUnused = resolve));
      residency.remove(resident);
      await awake?.runtime.close();
      awake = undefined;
      await leaving;
    },
  };
}

/** The same model, whose runs are counted. */
function timed(runtime: ModelRuntime, executed: { count: number; ms: number }): ModelRuntime {
  return {
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
}

/** A model in memory. */
interface Awake {
  readonly local: LocalModel;
  readonly runtime: ModelRuntime;
  run(batch: Batch): Promise<Columns>;
}
