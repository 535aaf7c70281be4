import { fault, toRefText } from '@pawl/core';
import type {
  CheckResult,
  Database,
  DatasetRef,
  DatasetVersion,
  GateDecision,
  Label,
  Metric,
  ModelVersion,
  PipelineRun,
  PipelineStep,
  Rollout,
  Run,
  RunInput,
  StoredPrediction,
  Task,
} from '@pawl/core';

/** A data version, how it was judged, and the versions it was made from. */
export interface DataLineage {
  readonly version: DatasetVersion;
  readonly checks: readonly CheckResult[];
  /** The step that made it, in which pipeline run. */
  readonly madeBy: { readonly run: string; readonly step: string; readonly command: string } | null;
  readonly from: readonly DataLineage[];
}

export interface ModelLineage {
  readonly version: ModelVersion;
  readonly run: Run | null;
  readonly metrics: readonly Metric[];
  readonly pipelineRun: PipelineRun | null;
  readonly data: readonly { readonly role: string; readonly lineage: DataLineage }[];
  readonly gate: GateDecision | null;
  /** Newest rollout of this version: who or what moved it, when and why. */
  readonly rollout: Rollout | null;
}

export interface PredictionLineage {
  readonly prediction: StoredPrediction;
  readonly label: Label | null;
  readonly model: ModelLineage;
}

export interface LineageService {
  /** Everything behind one answer. Throws `prediction_not_found`. */
  ofPrediction(id: string): Promise<PredictionLineage>;
  /** Throws `model_version_not_found`. */
  ofModel(model: string, version: number): Promise<ModelLineage>;
}

/** Versions made from versions made from …: deeper than any real pipeline, so that a cycle ends. */
const DEPTH = 12;

/** What one question has found so far, by depth and version: versions that are made from the same ones are as many ways to them as they like, and each is read once. */
type Known = Map<string, DataLineage | undefined>;

export function createLineageService({ database }: { readonly database: Database }): LineageService {
  const { read } = database;

  const ofData = async (ref: DatasetRef, depth: number, known: Known): Promise<DataLineage | undefined> => {
    const key = `${depth} ${toRefText(ref)}`;
    if (!known.has(key)) known.set(key, await readData(ref, depth, known));
    return known.get(key);
  };

  const readData = async (ref: DatasetRef, depth: number, known: Known): Promise<DataLineage | undefined> => {
    const version = await read.datasets.version(ref);
    if (version === undefined) return undefined;
    const checks = await read.checks.results(ref);
    const task = version.task === null ? undefined : await read.tasks.get(version.task);
    const run = task === undefined ? undefined : await read.pipelines.run(task.run);
    const step = run?.spec.steps.find((one) => one.name === task?.step);
    if (task === undefined || run === undefined || step === undefined || depth === 0) return { version, checks, madeBy: null, from: [] };
    const from: DataLineage[] = [];
    for (const origin of await originsOf(run, step)) {
      const lineage = await ofData(origin, depth - 1, known);
      if (lineage !== undefined) from.push(lineage);
    }
    return { version, checks, madeBy: { run: run.id, step: step.name, command: step.run }, from };
  };

  /** Data versions a step read: pinned ones, and those that the steps before it left; a step that left files only passes its own origins on. */
  const originsOf = async (run: PipelineRun, step: PipelineStep): Promise<readonly DatasetRef[]> => {
    const tasks = new Map((await read.tasks.byRun(run.id)).map((task) => [task.step, task]));
    const origins = collectOrigins(run, step, tasks, DEPTH);
    return Array.from(new Map(origins.map((origin) => [toRefText(origin), origin])).values());
  };

  const ofModel = async (model: string, number: number): Promise<ModelLineage> => {
    const version = await read.models.version(model, number);
    if (version === undefined) throw fault('model_version_not_found', { name: model, version: String(number) });
    const run = version.run === null ? undefined : await read.runs.get(version.run);
    const inputs: readonly RunInput[] =
      version.inputs.length > 0 || version.run === null ? version.inputs : await read.runs.inputs(version.run);
    const data: { role: string; lineage: DataLineage }[] = [];
    const known: Known = new Map();
    for (const input of inputs) {
      const lineage = await ofData(input, DEPTH, known);
      if (lineage !== undefined) data.push({ role: input.role, lineage });
    }
    return {
      version,
      run: run ?? null,
      metrics: version.run === null ? [] : await read.runs.latestMetrics(version.run),
      pipelineRun: version.run === null ? null : ((await read.pipelines.run(version.run)) ?? null),
      data,
      gate: (await read.gates.latest(model, number)) ?? null,
      rollout: (await read.rollouts.list({ model, candidate: number }, { limit: 1 })).items[0] ?? null,
    };
  };

  return {
    ofModel,
    async ofPrediction(id) {
      const [prediction] = await read.predictions.get(id);
      if (prediction === undefined) throw fault('prediction_not_found', { id });
      const label = await read.predictions.label(id, prediction.row);
      return { prediction, label: label ?? null, model: await ofModel(prediction.model, prediction.version) };
    },
  };
}

function collectOrigins(run: PipelineRun, step: PipelineStep, tasks: ReadonlyMap<string, Task>, depth: number): readonly DatasetRef[] {
  const origins: DatasetRef[] = [];
  for (const input of Object.values(step.inputs)) {
    if (input.from === 'dataset') {
      const version = run.datasets[input.dataset];
      if (version !== undefined) origins.push({ dataset: input.dataset, version });
      continue;
    }
    const made = tasks.get(input.step)?.outputs[input.output]?.dataset;
    if (made !== null && made !== undefined) {
      origins.push(made);
      continue;
    }
    const before = run.spec.steps.find((one) => one.name === input.step);
    if (before !== undefined && depth > 0) origins.push(...collectOrigins(run, before, tasks, depth - 1));
  }
  return origins;
}
