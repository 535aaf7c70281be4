import type { DatasetRef } from '../dataset/types.ts';
import type { Digest } from '../ports/digest.ts';
import type { JsonValue } from '../ports/json.ts';
import type { Backoff } from './backoff.ts';
import type { RunSchedule } from '../trigger/types.ts';

/** Where a step's input comes from: a dataset (its latest version when the run starts, unless the run pins one) or another step's output. */
export type StepInput =
  | { readonly from: 'dataset'; readonly dataset: string }
  | { readonly from: 'step'; readonly step: string; readonly output: string };

export type OutputType = 'file' | 'folder' | 'metrics' | 'model' | 'json';

/**
 * `file`, `folder`: bytes. `metrics`: a JSON file whose numbers join the run. `model`: a folder with MLmodel. `json`: a file with one JSON value, which
 * conditions and fan-outs can read. With `dataset`, the output also becomes a version of that dataset.
 */
export interface StepOutput {
  readonly type: OutputType;
  readonly dataset: string | null;
  /** File name inside the output's place; lets a reader see the extension it needs. */
  readonly name: string;
}

/** A fan-out: the step runs once for each element of a list. */
export interface ForEach {
  /** The elements, or an expression that gives them once the step could start. */
  readonly in: readonly JsonValue[] | string;
  /** Most elements that run at the same time; 0: no limit of its own. */
  readonly parallelism: number;
}

/** At most `slots` tasks with the same pool name run at the same time, whatever runs they belong to. */
export interface StepPool {
  /** May hold `${expression}`, so that a value makes a pool of its own. */
  readonly name: string;
  readonly slots: number;
}

/** What an attempt needs of the machine. */
export interface StepResources {
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly gpus?: number;
}

/** The Python that a step runs on. Of `requirements`, `file` and `conda` at most one; without any it has what the standard library has. */
export interface StepPython {
  /** Lines as in a requirements file. */
  readonly requirements?: readonly string[];
  /** A requirements or lock file that pip reads, below the project. */
  readonly file?: string;
  /** A conda or `python_env.yaml` file, below the project. */
  readonly conda?: string;
  /** Such as `3.11`. */
  readonly version?: string;
}

/** One node of a pipeline. What it does is exactly one of `run`, `uses`, `approve`; `run` is empty when it is another. */
export interface PipelineStep {
  readonly name: string;
  /** A shell command. */
  readonly run: string;
  /** A function, `file.py:name` or `file.ts:name`. */
  readonly uses?: string;
  /** A person decides whether what waits for it goes on: the question that is put. */
  readonly approve?: string;
  readonly inputs: Readonly<Record<string, StepInput>>;
  readonly outputs: Readonly<Record<string, StepOutput>>;
  /** Names of the pipeline's parameters that it reads; only these enter its cache key. */
  readonly params: readonly string[];
  /** Files whose content is the step's code, relative to the project; their digests enter the cache key. */
  readonly code: readonly string[];
  /** Steps that must end first though no output is taken from them. */
  readonly after: readonly string[];
  readonly retries: number;
  /** Wait before another attempt; that of `localBackoff` when absent. */
  readonly backoff?: Backoff;
  readonly timeoutMs: number;
  readonly cache: boolean;
  /** How old a result may be to be taken from the cache; any age when absent. */
  readonly cacheMs?: number;
  /** An expression; when it is false the step is skipped, and so is what waits for it. */
  readonly if?: string;
  readonly foreach?: ForEach;
  /** Starts when its upstreams have ended, however they did; without any, when all steps that are not `always` have. */
  readonly always?: boolean;
  /** An `always` step that starts even when the run was canceled. */
  readonly onCancel?: boolean;
  readonly pool?: StepPool;
  /** From 0 to 9; a higher one is claimed earlier. 0 when absent. */
  readonly priority?: number;
  readonly resources?: StepResources;
  readonly python?: StepPython;
  /** Environment variables by name, each with the name of the server's secret it holds. */
  readonly secrets?: Readonly<Record<string, string>>;
}

export type ParameterType = 'string' | 'int' | 'float' | 'bool' | 'json';

export interface Parameter {
  readonly type: ParameterType;
  /** The only values it may have, as text. */
  readonly choices?: readonly string[];
  readonly description?: string;
}

export interface PipelineSpec {
  readonly name: string;
  readonly experiment: string;
  /** The values of parameters unless a run says otherwise, as text in its canonical form. */
  readonly params: Readonly<Record<string, string>>;
  /** What is known of parameters that are more than a text with a default. One that is here and not in `params` must be given. */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly steps: readonly PipelineStep[];
  /** Longest time of a run. */
  readonly timeoutMs?: number;
}

export interface Pipeline {
  readonly name: string;
  readonly spec: PipelineSpec;
  readonly specDigest: Digest;
  /** Folder of the project on the worker's machine; steps run in it. */
  readonly root: string;
  readonly updatedAt: number;
}

export type PipelineRunState = 'running' | 'paused' | 'canceling' | 'succeeded' | 'failed' | 'canceled';

/** What started a run. `key` makes the start idempotent: one run per (pipeline, key). */
export interface RunCause {
  readonly type: 'manual' | 'trigger' | 'backfill';
  readonly actor: string;
  readonly key: string;
  /** The event that a trigger acted on. */
  readonly event: string | null;
  readonly note: string;
}

/** How a run differs from an ordinary one of its pipeline. */
export interface RunOptions {
  /** No step takes its result from the cache; what they leave still enters it. */
  readonly noCache?: boolean;
  /** The run whose results it took over when it was made. */
  readonly rerunOf?: string;
  /** The first step that ran again. */
  readonly from?: string;
  /** When it is stopped as too long, epoch ms. */
  readonly deadline?: number;
  /** Why it fails though it was stopped. */
  readonly error?: string;
}

export interface PipelineRun {
  readonly id: string;
  readonly pipeline: string;
  /** The definition is pinned: editing the pipeline never touches this run. */
  readonly spec: PipelineSpec;
  readonly specDigest: Digest;
  readonly root: string;
  readonly params: Readonly<Record<string, string>>;
  /** Dataset versions pinned at the start, by dataset name. */
  readonly datasets: Readonly<Record<string, number>>;
  /** When a clock or a backfill wanted it, and the data it is about. */
  readonly schedule?: RunSchedule;
  readonly cause: RunCause;
  readonly options: RunOptions;
  readonly state: PipelineRunState;
  readonly createdAt: number;
  readonly endedAt: number | null;
  /** Grows with every change. */
  readonly revision: number;
}

/**
 * `waiting`: an upstream is not final, or its turn in a fan-out has not come, or its run is paused. `paused`: a person has to decide. `running`: an attempt
 * holds the lease; of a fan-out, its elements are under way. `blocked`: an upstream failed. `skipped`: its condition was false, or an upstream was skipped.
 * `canceling`: its command is being stopped.
 */
export type TaskState =
  | 'waiting'
  | 'ready'
  | 'running'
  | 'paused'
  | 'canceling'
  | 'succeeded'
  | 'cached'
  | 'failed'
  | 'skipped'
  | 'blocked'
  | 'canceled';

/** What a task left behind: a manifest of files, the dataset version it became, and the value that expressions read (of `json` and `metrics`). */
export interface TaskOutput {
  readonly manifest: Digest;
  readonly dataset: DatasetRef | null;
  readonly value?: JsonValue;
}

export interface FanOutCount {
  readonly total: number;
  readonly open: number;
  readonly bad: number;
}

export interface Task {
  /** Derived from (run, step, index), so a repeated insert is a no-op. */
  readonly id: string;
  readonly run: string;
  readonly step: string;
  /** Its place in the fan-out of its step, from 0; null of a task that is no element. */
  readonly index: number | null;
  /** The element of the list that it is for; null of a task that is no element. */
  readonly item: JsonValue;
  /** Of a fan-out that was made: elements in all, those not yet final, and those that ended without a result though not skipped. Else null. */
  readonly elements: FanOutCount | null;
  readonly priority: number;
  readonly pool: StepPool | null;
  readonly state: TaskState;
  /** Attempts begun. */
  readonly attempt: number;
  /** Attempts lost to a dead worker; they are not the user's retries. */
  readonly lost: number;
  readonly readyAt: number;
  /** Upstream tasks that still hold it back. */
  readonly openUpstreams: number;
  /** Who holds it or held it last; of a decision, who decided. */
  readonly worker: string | null;
  readonly leaseUntil: number | null;
  /** Grows with each claim; a report with an older one is refused. */
  readonly fence: number;
  readonly cacheKey: Digest | null;
  readonly outputs: Readonly<Record<string, TaskOutput>>;
  readonly error: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly revision: number;
}

export interface TaskLogLine {
  readonly task: string;
  readonly attempt: number;
  readonly seq: number;
  readonly time: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}
