import type { DatasetRef } from '../dataset/types.ts';
import type { Digest } from '../ports/digest.ts';

/** Where a step's input comes from: a dataset (its latest version when the run starts, unless the run pins one) or another step's output. */
export type StepInput =
  | { readonly from: 'dataset'; readonly dataset: string }
  | { readonly from: 'step'; readonly step: string; readonly output: string };

/**
 * `file`, `folder`: bytes. `metrics`: a JSON file whose numbers join the run. `model`: a folder with MLmodel.
 * With `dataset`, the output also becomes a version of that dataset.
 */
export interface StepOutput {
  readonly type: 'file' | 'folder' | 'metrics' | 'model';
  readonly dataset: string | null;
  /** File name inside the output's place; lets a reader see the extension it needs. */
  readonly name: string;
}

export interface PipelineStep {
  readonly name: string;
  readonly run: string;
  readonly inputs: Readonly<Record<string, StepInput>>;
  readonly outputs: Readonly<Record<string, StepOutput>>;
  /** Names of the pipeline's parameters that it reads; only these enter its cache key. */
  readonly params: readonly string[];
  /** Files whose content is the step's code, relative to the project; their digests enter the cache key. */
  readonly code: readonly string[];
  /** Steps that must end first though no output is taken from them. */
  readonly after: readonly string[];
  readonly retries: number;
  readonly timeoutMs: number;
  readonly cache: boolean;
}

export interface PipelineSpec {
  readonly name: string;
  readonly experiment: string;
  readonly params: Readonly<Record<string, string>>;
  readonly steps: readonly PipelineStep[];
}

export interface Pipeline {
  readonly name: string;
  readonly spec: PipelineSpec;
  readonly specDigest: Digest;
  /** Folder of the project on the worker's machine; steps run in it. */
  readonly root: string;
  readonly updatedAt: number;
}

export type PipelineRunState = 'running' | 'succeeded' | 'failed' | 'canceled';

/** What started a run. `key` makes the start idempotent: one run per (pipeline, key). */
export interface RunCause {
  readonly type: 'manual' | 'trigger';
  readonly actor: string;
  readonly key: string;
  /** The event that a trigger acted on. */
  readonly event: string | null;
  readonly note: string;
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
  readonly cause: RunCause;
  readonly state: PipelineRunState;
  readonly createdAt: number;
  readonly endedAt: number | null;
  /** Grows with every change. */
  readonly revision: number;
}

export type TaskState = 'waiting' | 'ready' | 'running' | 'succeeded' | 'cached' | 'failed' | 'blocked' | 'canceled';

/** What a task left behind: a manifest of files, and the dataset version it became. */
export interface TaskOutput {
  readonly manifest: Digest;
  readonly dataset: DatasetRef | null;
}

export interface Task {
  /** Derived from (run, step), so a repeated insert is a no-op. */
  readonly id: string;
  readonly run: string;
  readonly step: string;
  readonly state: TaskState;
  /** Attempts begun. */
  readonly attempt: number;
  /** Attempts lost to a dead worker; they are not the user's retries. */
  readonly lost: number;
  readonly readyAt: number;
  /** Upstream tasks that have not succeeded yet. */
  readonly openUpstreams: number;
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
