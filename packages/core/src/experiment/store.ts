import type { Page, PageRequest } from '../ports/page.ts';
import type { Artifact, Experiment, Metric, Run, RunInput, RunStatus } from './types.ts';

export interface ExperimentReader {
  get(id: number): Promise<Experiment | undefined>;
  byName(name: string): Promise<Experiment | undefined>;
  list(page: PageRequest): Promise<Page<Experiment>>;
}

export interface ExperimentStore extends ExperimentReader {
  /** Returns the experiment of that name, made when it was not there. */
  ensure(name: string, createdAt: number): Promise<Experiment>;
}

export interface RunReader {
  get(id: string): Promise<Run | undefined>;
  /** Newest first. */
  list(experiment: number | undefined, page: PageRequest): Promise<Page<Run>>;
  inputs(run: string): Promise<readonly RunInput[]>;
  /** Last value of each key by (step, time). */
  latestMetrics(run: string): Promise<readonly Metric[]>;
  /** All values of a key by (step, time). */
  metricHistory(run: string, key: string): Promise<readonly Metric[]>;
  artifacts(run: string): Promise<readonly Artifact[]>;
}

export interface RunStore extends RunReader {
  insert(run: Run): Promise<void>;
  /** Ends a running run; false when it had ended. */
  end(id: string, status: RunStatus, at: number): Promise<boolean>;
  /** Sets an ended run running again, for a retry; false when it had not ended. */
  reopen(id: string): Promise<boolean>;
  /** Adds what is new: params and tags by key (a param keeps its first value), inputs, metrics (same key, step, time and value once), artifacts by path (last wins). */
  record(id: string, what: RunRecord): Promise<void>;
}

export interface RunRecord {
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly inputs?: readonly RunInput[];
  readonly metrics?: readonly Metric[];
  readonly artifacts?: readonly Artifact[];
}
