import { checkPipeline, fault, toCanonicalJson } from '@pawl/core';
import type {
  Log,
  Page,
  PageRequest,
  Pipeline,
  PipelineRun,
  PipelineRunState,
  PipelineSpec,
  RunCause,
  Task,
  TaskLogLine,
  Writers,
} from '@pawl/core';
import { toEvent } from '../event.ts';
import { explainRun } from './explain.ts';
import type { StepExplanation } from './explain.ts';
import { createControl } from './control.ts';
import type { PipelineControl } from './control.ts';
import { planRerun } from './rerun.ts';
import { prepareRun } from './start.ts';
import type { PreparedRun, StartPorts, StartRun } from './start.ts';
import { toTaskId } from './task-id.ts';

export interface PipelinePorts extends StartPorts {
  readonly log: Log;
}

export interface Rerunning {
  readonly from?: string;
  readonly noCache?: boolean;
  readonly cause: RunCause;
}

export interface PipelineService extends PipelineControl {
  /** Takes a definition whose steps run in the folder `root`. `changed` is false when it is the one already there. Throws `pipeline_invalid`. */
  define(tx: Writers, spec: PipelineSpec, root: string, actor: string): Promise<{ readonly pipeline: Pipeline; readonly changed: boolean }>;
  /** Throws `pipeline_not_found`. */
  get(name: string): Promise<Pipeline>;
  list(): Promise<readonly Pipeline[]>;
  /**
   * Starts a run, or gives the one that (pipeline, cause key) already has. Throws `pipeline_not_found`, `parameter_unknown`, `pin_unknown`, `dataset_not_found`,
   * `dataset_version_not_found`, `dataset_rejected`.
   */
  start(input: StartRun): Promise<{ readonly run: PipelineRun; readonly created: boolean }>;
  /**
   * Starts a new run with the definition, parameters and datasets of an earlier one; `from` names the first step that runs again, while all that does
   * not depend on it keeps its result. Throws `pipeline_run_not_found`, `step_unknown`, `result_gone`.
   */
  rerun(run: string, how: Rerunning): Promise<PipelineRun>;
  /** `start` in two parts, for a caller with a transaction of its own. */
  prepare(input: StartRun): Promise<PreparedRun>;
  /** Throws `pipeline_run_not_found`. */
  run(id: string): Promise<PipelineRun>;
  runs(filter: { readonly pipeline?: string; readonly state?: PipelineRunState }, page: PageRequest): Promise<Page<PipelineRun>>;
  /** The tasks of a run in the order of its steps. */
  tasks(run: string): Promise<readonly Task[]>;
  /** Elements of a step's fan-out after the index `after` (-1: from the first). Throws `task_not_found`. */
  elements(run: string, step: string, after: number, limit: number): Promise<readonly Task[]>;
  /** One task: of a step, or of an element of its fan-out. Throws `task_not_found`. */
  task(run: string, step: string, index?: number): Promise<Task>;
  /** Lines of a step, or of an element of its fan-out, after `afterSeq` (0: from the start), of all its attempts. Throws `task_not_found`. */
  logs(run: string, step: string, afterSeq: number, limit: number, index?: number): Promise<readonly TaskLogLine[]>;
  /** Why each step ran, was taken from the cache, or did not run. */
  explain(run: string): Promise<readonly StepExplanation[]>;
}

export function createPipelineService(ports: PipelinePorts): PipelineService {
  const { database, blobs, clock, hash } = ports;

  const get = async (name: string): Promise<Pipeline> => {
    const pipeline = await database.read.pipelines.get(name);
    if (pipeline === undefined) throw fault('pipeline_not_found', { name });
    return pipeline;
  };
  const run = async (id: string): Promise<PipelineRun> => {
    const found = await database.read.pipelines.run(id);
    if (found === undefined) throw fault('pipeline_run_not_found', { id });
    return found;
  };
  const tasks = async (id: string): Promise<readonly Task[]> => {
    const { spec } = await run(id);
    const place = new Map(spec.steps.map((step, index) => [step.name, index]));
    return (await database.read.tasks.byRun(id)).toSorted((a, b) => (place.get(a.step) ?? 0) - (place.get(b.step) ?? 0));
  };
  const task = async (id: string, step: string, index?: number): Promise<Task> => {
    await run(id);
    const found = await database.read.tasks.get(toTaskId(hash, id, step, index ?? null));
    if (found === undefined) throw fault('task_not_found', { run: id, step: index === undefined ? step : `${step}[${index}]` });
    return found;
  };
  const prepare = async (input: StartRun): Promise<PreparedRun> => prepareRun(ports, await get(input.pipeline), input);

  return {
    get,
    run,
    tasks,
    prepare,
    list: () => database.read.pipelines.list(),
    runs: (filter, page) => database.read.pipelines.runs(filter, page),
    async define(tx, spec, root, actor) {
      checkPipeline(spec);
      const specDigest = hash(toCanonicalJson(spec));
      const found = await tx.pipelines.get(spec.name);
      if (found?.specDigest === specDigest && found.root === root) return { pipeline: found, changed: false };
      const pipeline: Pipeline = { name: spec.name, spec, specDigest, root, updatedAt: clock.now() };
      await tx.pipelines.put(pipeline);
      await tx.events.append([toEvent(ports, 'pipeline.defined', `pipeline/${spec.name}`, actor, { pipeline: spec.name, specDigest })]);
      return { pipeline, changed: true };
    },
    async start(input) {
      const earlier = await database.read.pipelines.runByKey(input.pipeline, input.cause.key);
      if (earlier !== undefined) return { run: earlier, created: false };
      const prepared = await prepare(input);
      return database.transaction((tx) => prepared.commit(tx));
    },
    ...createControl(ports),
    async rerun(id, { from, noCache, cause }) {
      const earlier = await run(id);
      const rerun = await planRerun(ports, earlier, from);
      const { pipeline: name, spec, specDigest, root, params, datasets, schedule } = earlier;
      const pinned: Pipeline = { name, spec, specDigest, root, updatedAt: earlier.createdAt };
      const input = {
        pipeline: name,
        params,
        datasets,
        cause,
        rerun,
        ...(schedule === undefined ? {} : { schedule }),
        ...(noCache === undefined ? {} : { noCache }),
      };
      const prepared = await prepareRun(ports, pinned, input);
      return (await database.transaction((tx) => prepared.commit(tx))).run;
    },
    task,
    async elements(id, step, after, limit) {
      await task(id, step);
      return database.read.tasks.elements(id, step, { after, limit });
    },
    async logs(id, step, afterSeq, limit, index) {
      const { id: found } = await task(id, step, index);
      return database.read.tasks.logs(found, afterSeq, limit);
    },
    async explain(id) {
      const found = await run(id);
      return explainRun({ database, blobs }, found, await tasks(id));
    },
  };
}
