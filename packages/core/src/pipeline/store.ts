import type { Digest } from '../ports/digest.ts';
import type { Page, PageRequest } from '../ports/page.ts';
import type { Pipeline, PipelineRun, PipelineRunState, Task, TaskLogLine, TaskOutput, TaskState } from './types.ts';

export interface PipelineReader {
  get(name: string): Promise<Pipeline | undefined>;
  list(): Promise<readonly Pipeline[]>;
  run(id: string): Promise<PipelineRun | undefined>;
  runByKey(pipeline: string, key: string): Promise<PipelineRun | undefined>;
  /** Runs under way whose deadline has passed. */
  overdue(now: number, limit: number): Promise<readonly PipelineRun[]>;
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
  /** The tasks of a run's steps, without the elements of fan-outs. */
  byRun(run: string): Promise<readonly Task[]>;
  /** Elements of a step's fan-out in the order of their index, after the index `after`; in this state only, when one is named. */
  elements(
    run: string,
    step: string,
    page: { readonly after: number; readonly limit: number; readonly state?: TaskState },
  ): Promise<readonly Task[]>;
  /** Tasks that a worker holds: those whose lease ended before a time, or those of one worker. */
  leased(filter: { readonly endedBefore: number } | { readonly worker: string }, limit: number): Promise<readonly Task[]>;
  /** Whether a task of the run is not final. */
  hasOpen(run: string): Promise<boolean>;
  /** How many tasks of a run are in each state, elements among them. */
  tally(run: string): Promise<Readonly<Partial<Record<TaskState, number>>>>;
  /** Outputs of the last finished task with this cache key, which task left them, and when. */
  cached(
    key: Digest,
  ): Promise<{ readonly task: string; readonly endedAt: number; readonly outputs: Readonly<Record<string, TaskOutput>> } | undefined>;
  logs(task: string, afterSeq: number, limit: number): Promise<readonly TaskLogLine[]>;
}

export interface TaskStore extends TaskReader {
  /** No-op for ids already there. */
  insert(tasks: readonly Task[]): Promise<void>;
  /**
   * Claims the ready task whose turn it is, by time and priority, and whose pool has a free slot: running, started now, attempt + 1, fence + 1,
   * revision + 1. Safe among many workers.
   */
  claim(worker: string, now: number, leaseUntil: number): Promise<Task | undefined>;
  /** Compare-and-set on `revision`; false when somebody else changed it. */
  update(task: Task, expectedRevision: number): Promise<boolean>;
  /** Lines with an increasing seq per task; a seq already there is ignored. */
  appendLogs(lines: readonly TaskLogLine[]): Promise<void>;
}
