import type { Digest } from '../ports/digest.ts';
import type { Page, PageRequest } from '../ports/page.ts';
import type { Pipeline, PipelineRun, PipelineRunState, Task, TaskLogLine, TaskOutput, TaskState } from './types.ts';

export interface PipelineReader {
  get(name: string): Promise<Pipeline | undefined>;
  list(): Promise<readonly Pipeline[]>;
  run(id: string): Promise<PipelineRun | undefined>;
  runByKey(pipeline: string, key: string): Promise<PipelineRun | undefined>;
  /** Newest first. */
  runs(filter: { readonly pipeline?: string; readonly state?: PipelineRunState }, page: PageRequest): Promise<Page<PipelineRun>>;
}

export interface PipelineStore extends PipelineReader {
  put(pipeline: Pipeline): Promise<void>;
  /** False when (pipeline, cause key) already has a run. */
  insertRun(run: PipelineRun): Promise<boolean>;
  /** Compare-and-set on `revision`; false when somebody else changed it. */
  updateRun(run: PipelineRun, expectedRevision: number): Promise<boolean>;
}

export interface TaskReader {
  get(id: string): Promise<Task | undefined>;
  byRun(run: string): Promise<readonly Task[]>;
  /** Running tasks whose lease ended before `now`. */
  expired(now: number, limit: number): Promise<readonly Task[]>;
  /** Outputs of a finished task with this cache key, and which task left them. */
  cached(key: Digest): Promise<{ readonly task: string; readonly outputs: Readonly<Record<string, TaskOutput>> } | undefined>;
  logs(task: string, afterSeq: number, limit: number): Promise<readonly TaskLogLine[]>;
  countByState(state: TaskState): Promise<number>;
}

export interface TaskStore extends TaskReader {
  /** No-op for ids already there. */
  insert(tasks: readonly Task[]): Promise<void>;
  /** Claims the oldest ready task: running, started now, attempt + 1, fence + 1, revision + 1. Safe among many workers. */
  claim(worker: string, now: number, leaseUntil: number): Promise<Task | undefined>;
  /** Compare-and-set on `revision`; false when somebody else changed it. */
  update(task: Task, expectedRevision: number): Promise<boolean>;
  /** Lines with an increasing seq per task; a seq already there is ignored. */
  appendLogs(lines: readonly TaskLogLine[]): Promise<void>;
}
