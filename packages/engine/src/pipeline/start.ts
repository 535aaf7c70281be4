import { fault, graphOf, newTask, resolveParameters, toRefText } from '@pawl/core';
import type {
  Blobs,
  Clock,
  CodeInspector,
  CodeVersion,
  Database,
  DatasetRef,
  Hash,
  Ids,
  Pipeline,
  PipelineRun,
  RunCause,
  RunInput,
  RunSchedule,
  Task,
  Writers,
} from '@pawl/core';
import type { DatasetService } from '../dataset/service.ts';
import { toEvent } from '../event.ts';
import { toCodeVersion } from '../experiment/code.ts';
import { openRun } from '../experiment/rows.ts';
import { linkInputs } from '../recording/link.ts';
import { Advance } from './advance.ts';
import { takeOver } from './rerun.ts';
import type { Rerun } from './rerun.ts';
import { toTaskId } from './task-id.ts';

export interface StartPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
  readonly code: CodeInspector;
  readonly datasets: DatasetService;
  /** What runs are recorded with: Node's version, platform, digest of the lock file. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface StartRun {
  readonly pipeline: string;
  /** Over the pipeline's own values. */
  readonly params?: Readonly<Record<string, string>>;
  /** Versions by dataset name; the latest of each that is not named. */
  readonly datasets?: Readonly<Record<string, number>>;
  readonly cause: RunCause;
  /** When a clock or a backfill wanted it, and the data it is about. */
  readonly schedule?: RunSchedule;
  /** Whether every step runs, whatever the cache holds. */
  readonly noCache?: boolean;
  /** Results of an earlier run that this one begins with. */
  readonly rerun?: Rerun;
  /** The code the caller runs; looked up in the project's folder when absent. */
  readonly code?: CodeVersion | null;
}

/** A run that is all decided and not yet written. */
export interface PreparedRun {
  /** Writes the run, its tasks and its record, or returns the one that (pipeline, cause key) already has. Only inside a transaction. */
  commit(tx: Writers): Promise<{ readonly run: PipelineRun; readonly created: boolean }>;
}

/** Throws `parameter_unknown`, `pin_unknown`, `dataset_not_found`, `dataset_version_not_found`, `dataset_rejected`. */
export async function prepareRun(ports: StartPorts, pipeline: Pipeline, input: StartRun): Promise<PreparedRun> {
  const { spec } = pipeline;
  const params = resolveParameters(spec, input.params ?? {});
  const datasets = await pinDatasets(ports, pipeline, input.datasets ?? {});
  const code = input.code === undefined ? await toCodeVersion(ports, pipeline.root) : input.code;
  const inputs: RunInput[] = [];
  for (const step of spec.steps) {
    for (const [role, from] of Object.entries(step.inputs)) {
      const version = from.from === 'dataset' ? datasets[from.dataset] : undefined;
      if (from.from === 'dataset' && version !== undefined) inputs.push({ dataset: from.dataset, version, role });
    }
  }
  return {
    async commit(tx) {
      const earlier = await tx.pipelines.runByKey(pipeline.name, input.cause.key);
      if (earlier !== undefined) return { run: earlier, created: false };
      const now = ports.clock.now();
      const { actor } = input.cause;
      const run: PipelineRun = {
        id: ports.ids.next(),
        pipeline: pipeline.name,
        spec,
        specDigest: pipeline.specDigest,
        root: pipeline.root,
        params,
        datasets,
        ...(input.schedule === undefined ? {} : { schedule: input.schedule }),
        cause: input.cause,
        options: {
          ...(input.noCache === true ? { noCache: true } : {}),
          ...(spec.timeoutMs === undefined ? {} : { deadline: now + spec.timeoutMs }),
          ...input.rerun?.options,
        },
        state: 'running',
        createdAt: now,
        endedAt: null,
        revision: 0,
      };
      if (!(await tx.pipelines.insertRun(run))) {
        const winner = await tx.pipelines.runByKey(pipeline.name, input.cause.key);
        if (winner === undefined) throw fault('write_conflict', { what: `A run of pipeline "${pipeline.name}"` });
        return { run: winner, created: false };
      }
      const tags = { 'pawl.pipeline': pipeline.name, 'pawl.cause': input.cause.type };
      const record = { id: run.id, name: pipeline.name, startedAt: now, code, environment: ports.environment, params, tags };
      await openRun(tx, ports, spec.experiment, record, actor);
      await linkInputs(tx, run.id, inputs);
      const tasks = toTasks(ports.hash, run, now);
      await tx.tasks.insert(tasks);
      const { type, key, event } = input.cause;
      await tx.events.append([
        toEvent(ports, 'pipeline.run_created', `pipeline-run/${run.id}`, actor, {
          run: run.id,
          pipeline: pipeline.name,
          specDigest: pipeline.specDigest,
          datasets,
          cause: { type, key, event },
        }),
      ]);
      const advance = new Advance(tx, ports, run, actor);
      if (input.rerun !== undefined) await takeOver(tx, ports, run, input.rerun, advance);
      for (const task of tasks) if (input.rerun?.steps.has(task.step) !== true) advance.note(task);
      return { run: await advance.settle(), created: true };
    },
  };
}

function toTasks(hash: Hash, run: PipelineRun, now: number): readonly Task[] {
  const graph = graphOf(run.spec);
  return run.spec.steps.map((step) =>
    newTask({
      id: toTaskId(hash, run.id, step.name),
      run: run.id,
      step: step.name,
      readyAt: now,
      openUpstreams: graph.upstreams(step.name).length,
      priority: step.priority ?? 0,
    }),
  );
}

async function pinDatasets(
  { datasets }: StartPorts,
  { name, spec }: Pipeline,
  pins: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  const read = new Set(
    spec.steps.flatMap((step) => Object.values(step.inputs).flatMap((input) => (input.from === 'dataset' ? [input.dataset] : []))),
  );
  for (const dataset of Object.keys(pins)) {
    if (!read.has(dataset)) throw fault('pin_unknown', { pipeline: name, dataset, known: [...read] });
  }
  const pinned: Record<string, number> = {};
  for (const dataset of [...read].toSorted()) {
    const pin = pins[dataset];
    const ref: DatasetRef = await datasets.resolve(pin === undefined ? dataset : toRefText({ dataset, version: pin }));
    await datasets.requireAccepted(ref);
    pinned[dataset] = ref.version;
  }
  return pinned;
}
