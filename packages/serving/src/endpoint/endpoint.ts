import type { Assignment, Clock, EndpointRoute, Log, ModelSource, OnlineFeatures, PredictionLog, PythonSource, Random } from '@pawl/core';
import { assignArm, fault, isFault } from '@pawl/core';
import type { Batch, Columns, Tensor } from '../tensor/tensor.ts';
import type { Explanation } from '../runtime/runtime.ts';
import { DeadlineExceeded, RuntimeUnavailable } from '../runtime/runtime.ts';
import type { Arms } from './arms.ts';
import type { LoadedModel, ServedModel } from './loaded-model.ts';
import type { Residency } from './residency.ts';
import type { ServingLimits } from './limits.ts';
import type { Span, VersionStatistics } from './statistics.ts';
import { addFeatures } from './features.ts';
import { createArms } from './arms.ts';
import { createStatistics } from './statistics.ts';
import { toRecords } from './records.ts';

export interface EndpointPorts {
  readonly models: ModelSource;
  /** For models that only Python opens; absent: they are refused. */
  readonly pythons?: PythonSource;
  readonly features: OnlineFeatures;
  readonly log: PredictionLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly residency: Residency;
  readonly limits: ServingLimits;
  readonly logger: Log;
}

/** One inference, whatever protocol it came by. */
export interface InferCall {
  readonly predictionId: string;
  readonly requestId: string | null;
  readonly stickyKey: string | undefined;
  /** When it happened, epoch ms; undefined: now. Features are looked up, and the answer is counted, at this moment. */
  readonly eventTime: number | undefined;
  /** Milliseconds that the client waits; undefined: as long as the endpoint's limit. */
  readonly timeoutMs?: number;
  /** A version the client insists on; it takes no part in a rollout. */
  readonly version: string | undefined;
  /** Outputs asked for, in order; empty: all, in the model's order; `predicted`: those that MLflow's `predict` gives. */
  readonly outputs: readonly string[] | 'predicted';
  /** Reads the request's tensors as what the version that answers takes. Throws `tensor_*` faults. */
  read(model: ServedModel): Batch;
}

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

export interface InferAnswer {
  /** The version that answered. */
  readonly version: number;
  readonly model: ServedModel;
  readonly outputs: readonly NamedTensor[];
}

/** States of the model repository extension (`triton-inference-server/server:docs/protocol/extension_model_repository.md`). */
export interface VersionState {
  readonly version: number;
  readonly state: 'READY' | 'LOADING' | 'UNAVAILABLE';
  /** Why it cannot answer; empty when it can. */
  readonly reason: string;
}

export interface ModelDescription extends ServedModel {
  /** What requests call it. */
  readonly name: string;
  /** Its name in the registry. */
  readonly model: string;
  /** The version described. */
  readonly version: number;
  /** All versions that answer under this name. */
  readonly versions: readonly number[];
}

/** Statistics of a version, with how often its model ran: less often than requests came, where those ran together. */
export interface EndpointStatistics extends VersionStatistics {
  readonly executions: Span;
}

export interface Endpoint {
  update(route: EndpointRoute): void;
  /** Whether it can answer, else why not. `idle`: no version was promoted to it, so there is nothing to be ready for. */
  state(): { readonly ready: boolean; readonly idle: boolean; readonly reason: string };
  versions(): readonly VersionState[];
  statistics(): readonly EndpointStatistics[];
  /** Requests under way. */
  waiting(): number;
  /** Of the stable version, or of the one named. Throws `model_not_ready`, `version_unknown`. */
  describe(version: string | undefined): ModelDescription;
  /**
   * Answers and records; the record is in the log before the promise resolves. Throws `model_not_ready`, `version_unknown`, `overloaded`, `tensor_*`,
   * `output_unknown`, `features_unavailable`, `prediction_failed`.
   */
  infer(call: InferCall): Promise<InferAnswer>;
  /** How each column moved the rows of a call; it is no prediction, and not recorded. Throws as `infer`, and `extension_unsupported`. */
  explain(call: InferCall): Promise<ExplainAnswer>;
  close(): Promise<void>;
}

export interface ExplainAnswer extends Explanation {
  readonly rows: number;
  readonly model: ServedModel;
}

function selectOutputs(model: LoadedModel, asked: InferCall['outputs']): readonly string[] {
  const wanted = asked === 'predicted' ? model.served.predicts.outputs : asked;
  const names = model.served.outputs.map((output) => output.name);
  // A model whose outputs nobody knows before it answers gives what it gives.
  if (wanted.length === 0 || names.length === 0) return wanted.length === 0 ? names : wanted;
  const bad = wanted.find((name, index) => !names.includes(name) || wanted.indexOf(name) !== index);
  if (bad !== undefined) throw fault('output_unknown', { output: bad });
  return wanted;
}

function pinnedArm(route: EndpointRoute, version: string): Assignment {
  const arm = route.arms.find((candidate) => String(candidate.version) === version);
  if (arm === undefined) throw fault('version_unknown', { name: route.endpoint, version });
  return { arm, candidateWeight: null, keyHash: null };
}

/** What one request has come to know, so that a failure is recorded with it. */
interface Progress {
  rows: number;
  inputs: Columns;
  outputs: Columns;
}

/** Runs a model for as long as somebody waits. */
function within(model: LoadedModel, batch: Batch, ms: number): Promise<Columns> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineExceeded()), ms);
    void model
      .run({ ...batch, expires: performance.now() + ms })
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

export function createEndpoint(first: EndpointRoute, ports: EndpointPorts): Endpoint {
  const { clock, random, limits, logger } = ports;
  const name = first.endpoint;
  const arms: Arms = createArms(first, ports, limits.maxBatchRows);
  const statistics = createStatistics();
  let waiting = 0;

  function routeNow(): EndpointRoute {
    const route = arms.route();
    if (route === undefined) throw fault('model_not_ready', { name, reason: arms.reason() });
    return route;
  }

  function modelOf(assignment: Assignment): LoadedModel {
    const model = arms.model(assignment.arm.package);
    if (model === undefined) throw fault('model_not_ready', { name, reason: arms.reason() });
    return model;
  }

  const limitOf = ({ timeoutMs = limits.maxMs }: InferCall): number => Math.min(timeoutMs, limits.maxMs);

  async function answer(call: InferCall, model: LoadedModel, time: number, progress: Progress): Promise<readonly NamedTensor[]> {
    const wanted = selectOutputs(model, call.outputs);
    const batch = call.read(model.served);
    progress.rows = batch.rows;
    progress.inputs = batch.columns;
    const { features } = model.spec;
    if (features.length > 0) progress.inputs = await addFeatures(features, model.inputs, batch, ports.features, time);
    let outputs: Columns;
    try {
      const full: Batch = { ...batch, columns: progress.inputs };
      outputs = model.waits ? await within(model, full, limitOf(call)) : await model.run(full);
    } catch (error) {
      if (error instanceof DeadlineExceeded) throw fault('deadline_exceeded', { endpoint: name, ms: limitOf(call) }, error);
      if (error instanceof RuntimeUnavailable) throw fault('model_not_ready', { name, reason: error.message }, error);
      logger.error({ endpoint: name, prediction: call.predictionId, err: error }, 'prediction failed');
      throw fault('prediction_failed', { endpoint: name }, error);
    }
    progress.outputs = outputs;
    const names = wanted.length === 0 ? Object.keys(outputs) : wanted;
    return names.map((output) => {
      const tensor = outputs[output];
      if (tensor === undefined) throw fault('output_unknown', { output });
      return { name: output, tensor };
    });
  }

  async function infer(call: InferCall): Promise<InferAnswer> {
    const route = routeNow();
    const pinned = call.version !== undefined;
    const assignment = call.version === undefined ? assignArm(route, call.stickyKey, random.next()) : pinnedArm(route, call.version);
    const model = modelOf(assignment);
    const leave = model.enter();
    const time = call.eventTime ?? clock.now();
    // A span, not a moment: it must be real when the clock is simulated.
    const began = performance.now();
    const progress: Progress = { rows: 0, inputs: {}, outputs: {} };
    waiting += 1;
    const record = (code: string): void => {
      const latencyMs = performance.now() - began;
      const { predictionId, requestId } = call;
      statistics.add(assignment.arm.version, code, progress.rows, latencyMs, clock.now());
      ports.log.append(toRecords({ predictionId, requestId, route, assignment, pinned, time, latencyMs, code, ...progress, model }));
    };
    try {
      if (waiting > limits.maxWaiting) throw fault('overloaded', { endpoint: name });
      const outputs = await answer(call, model, time, progress);
      record('ok');
      return { version: assignment.arm.version, model: model.served, outputs };
    } catch (error) {
      record(isFault(error) ? error.code : 'internal');
      throw error;
    } finally {
      waiting -= 1;
      leave();
    }
  }

  async function explain(call: InferCall): Promise<ExplainAnswer> {
    const route = routeNow();
    const assignment = call.version === undefined ? assignArm(route, call.stickyKey, random.next()) : pinnedArm(route, call.version);
    const model = modelOf(assignment);
    if (model.explain === undefined)
      throw fault('extension_unsupported', {
        what: `Explaining models of ${model.served.engine}; models of XGBoost and LightGBM are explained`,
      });
    const leave = model.enter();
    waiting += 1;
    try {
      if (waiting > limits.maxWaiting) throw fault('overloaded', { endpoint: name });
      const batch = call.read(model.served);
      if (batch.rows > limits.maxExplainedRows)
        throw fault('request_invalid', {
          problem: `At most ${limits.maxExplainedRows} rows are explained at once, and the request has ${batch.rows}.`,
        });
      const { features } = model.spec;
      const columns =
        features.length === 0
          ? batch.columns
          : await addFeatures(features, model.inputs, batch, ports.features, call.eventTime ?? clock.now());
      return { ...(await model.explain({ rows: batch.rows, columns })), rows: batch.rows, model: model.served };
    } finally {
      waiting -= 1;
      leave();
    }
  }

  return {
    explain,
    update: arms.update,
    versions: arms.versions,
    statistics: () => statistics.read().map((counts) => ({ ...counts, executions: arms.executions(counts.version) })),
    waiting: () => waiting,
    state: () => ({ ready: arms.route() !== undefined, idle: arms.wanted().arms.length === 0, reason: arms.reason() }),
    describe: (version) => {
      const route = routeNow();
      const assignment = version === undefined ? assignArm({ ...route, rollout: null }, undefined, 0) : pinnedArm(route, version);
      const model = modelOf(assignment);
      return {
        name,
        model: route.model,
        versions: route.arms.map((arm) => arm.version),
        version: assignment.arm.version,
        ...model.served,
      };
    },
    infer,
    close: arms.close,
  };
}
