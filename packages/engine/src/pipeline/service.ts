import { checkPipeline, fault, isFinal, nextTask, retryTasks, toCanonicalJson } from '@pawl/core';
import type { Log, Page, PageRequest, Pipeline, PipelineRun, PipelineRunState, PipelineSpec, Task, TaskLogLine, Writers } from '@pawl/core';
import { expectWon, retryOnConflict } from '../conflict.ts';
import { toEvent } from '../event.ts';
import { explainRun } from './explain.ts';
import type { StepExplanation } from './explain.ts';
import { setRunState, toTaskEvent } from './move.ts';
import { prepareRun, toTaskId } from './start.ts';
import type { PreparedRun, StartPorts, StartRun } from './start.ts';

export interface PipelinePorts extends StartPorts {
  readonly log: Log;
}

export interface PipelineService {
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
  /** `start` in two parts, for a caller with a transaction of its own. */
  prepare(input: StartRun): Promise<PreparedRun>;
  /** Throws `pipeline_run_not_found`. */
  run(id: string): Promise<PipelineRun>;
  runs(filter: { readonly pipeline?: string; readonly state?: PipelineRunState }, page: PageRequest): Promise<Page<PipelineRun>>;
  /** The tasks of a run in the order of its steps. */
  tasks(run: string): Promise<readonly Task[]>;
  /** Sets the failed, blocked and canceled tasks of an ended run back; what succeeded stays. Throws `run_not_retryable`. */
  retry(run: string, actor: string): Promise<PipelineRun>;
  /** Stops a run: nothing more starts, and commands under way are ended by their worker. A run that has ended stays as it is. */
  cancel(run: string, actor: string): Promise<PipelineRun>;
  /** Lines of a step after `afterSeq` (0: from the start), of all its attempts. Throws `task_not_found`. */
  logs(run: string, step: string, afterSeq: number, limit: number): Promise<readonly TaskLogLine[]>;
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
    retry: (id, actor) =>
      retryOnConflict(`Pipeline run ${id}`, () =>
        database.transaction(async (tx) => {
          const found = await tx.pipelines.run(id);
          if (found === undefined) throw fault('pipeline_run_not_found', { id });
          if (found.state !== 'failed' && found.state !== 'canceled') throw fault('run_not_retryable', { id, state: found.state });
          const back = retryTasks(found.spec, await tx.tasks.byRun(id), clock.now());
          for (const task of back) expectWon(await tx.tasks.update(task, task.revision - 1));
          await tx.events.append(back.map((task) => toTaskEvent(ports, task, actor)));
          await tx.runs.reopen(id);
          return setRunState(tx, ports, found, 'running', actor);
        }),
      ),
    cancel: (id, actor) =>
      retryOnConflict(`Pipeline run ${id}`, () =>
        database.transaction(async (tx) => {
          const found = await tx.pipelines.run(id);
          if (found === undefined) throw fault('pipeline_run_not_found', { id });
          if (found.state !== 'running') return found;
          const now = clock.now();
          const open = (await tx.tasks.byRun(id)).filter((task) => !isFinal(task.state));
          const canceled = open.flatMap((task) => nextTask(task, { type: 'cancel' }, now) ?? []);
          for (const task of canceled) expectWon(await tx.tasks.update(task, task.revision - 1));
          await tx.events.append(canceled.map((task) => toTaskEvent(ports, task, actor)));
          return setRunState(tx, ports, found, 'canceled', actor);
        }),
      ),
    async logs(id, step, afterSeq, limit) {
      const { spec } = await run(id);
      if (!spec.steps.some((one) => one.name === step)) throw fault('task_not_found', { run: id, step });
      return database.read.tasks.logs(toTaskId(hash, id, step), afterSeq, limit);
    },
    async explain(id) {
      const found = await run(id);
      return explainRun({ database, blobs }, found, await tasks(id));
    },
  };
}
