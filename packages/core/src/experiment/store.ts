import type { FolderCount } from './folder.ts';
import type { SearchRequest } from '../search/types.ts';
import type { Page, PageRequest } from '../ports/page.ts';
import type {
  Artifact,
  Experiment,
  Lifecycle,
  LoggedDataset,
  Metric,
  ModelOutput,
  Run,
  RunDetail,
  RunHead,
  RunInput,
  RunStatus,
} from './types.ts';

export interface ExperimentSearch extends SearchRequest {
  /** Both when absent. */
  readonly lifecycle?: Lifecycle;
}

export interface ExperimentList extends PageRequest {
  /** Only those in this folder; of all folders when absent. */
  readonly folder?: string;
  /** With the folder, those below it too. */
  readonly deep?: boolean;
  /** `active` when absent. */
  readonly lifecycle?: Lifecycle;
  /** Only those that were deleted with their folder. */
  readonly fell?: true;
}

export interface ExperimentChange {
  readonly name?: string;
  readonly folder?: string;
  readonly lifecycle?: Lifecycle;
  /** Whether it is deleted with its folder: restoring that restores it too. */
  readonly fell?: boolean;
  readonly updatedAt: number;
}

export interface ExperimentReader {
  get(id: number): Promise<Experiment | undefined>;
  byName(name: string): Promise<Experiment | undefined>;
  /** By number. */
  list(request: ExperimentList): Promise<Page<Experiment>>;
  /** Every folder that has experiments of this state directly in it, by path. */
  folders(lifecycle: Lifecycle): Promise<readonly FolderCount[]>;
  /** Filter and orders by `experimentSearch`; then newest first, then by number. Throws `invalid_cursor`. */
  search(request: ExperimentSearch): Promise<Page<Experiment>>;
}

export interface ExperimentStore extends ExperimentReader {
  /** Returns the experiment of that name, made when it was not there. */
  ensure(name: string, createdAt: number): Promise<Experiment>;
  /** Undefined when the name is taken. It lies where its name says when no folder is told. */
  insert(experiment: Omit<Experiment, 'id' | 'lifecycle' | 'folder'> & { readonly folder?: string }): Promise<Experiment | undefined>;
  /** False when the new name is taken. */
  update(id: number, change: ExperimentChange): Promise<boolean>;
  setTags(id: number, tags: Readonly<Record<string, string>>): Promise<void>;
  /** False when there was none. */
  deleteTag(id: number, key: string): Promise<boolean>;
}

export interface RunSearch extends SearchRequest {
  readonly experiments: readonly number[];
  /** Both when absent. */
  readonly lifecycle?: Lifecycle;
  /** What of each run to give; all of a kind whose list is absent. */
  readonly columns?: RunColumns;
}

export interface RunColumns {
  readonly metrics?: readonly string[];
  readonly params?: readonly string[];
  readonly tags?: readonly string[];
  /** False leaves out datasets and models. */
  readonly links?: boolean;
}

export interface DatasetUse {
  readonly experiment: number;
  readonly name: string;
  readonly digest: string;
  /** What for; may be empty. */
  readonly context: string;
}

export interface RunReader {
  get(id: string): Promise<Run | undefined>;
  head(id: string): Promise<RunHead | undefined>;
  detail(id: string): Promise<RunDetail | undefined>;
  /** Newest first, without deleted ones. */
  list(experiment: number | undefined, page: PageRequest): Promise<Page<Run>>;
  /** Filter and orders by `runSearch`; then newest first, then by id. Throws `invalid_cursor`. */
  search(request: RunSearch): Promise<Page<RunDetail>>;
  inputs(run: string): Promise<readonly RunInput[]>;
  /** What the runs of these experiments used, each once; at most `most`. */
  datasets(experiments: readonly number[], most: number): Promise<readonly DatasetUse[]>;
  /** Last value of each key by (step, time, value). */
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
  update(id: string, change: RunChange): Promise<void>;
  /** Deletes or restores one, `at` epoch ms. */
  move(id: string, to: Lifecycle, at: number): Promise<void>;
  /** Deletes, or restores, the runs of an experiment that are not so yet: restoring takes only those that fell with it. */
  moveAll(experiment: number, to: Lifecycle, at: number): Promise<void>;
  /** Adds what is new: params and tags by key (a param keeps its first value), inputs, metrics (same key, step, time and value once), artifacts by path (last wins). */
  record(id: string, what: RunRecord): Promise<void>;
  /** False when there was none. */
  deleteTag(id: string, key: string): Promise<boolean>;
}

export interface RunChange {
  readonly name?: string;
  readonly status?: RunStatus;
  readonly endedAt?: number | null;
}

export interface RunRecord {
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly inputs?: readonly RunInput[];
  readonly metrics?: readonly Metric[];
  readonly artifacts?: readonly Artifact[];
  /** Once per name, digest and context; the first description in an experiment stays. */
  readonly datasets?: readonly LoggedDataset[];
  readonly modelInputs?: readonly string[];
  /** Once per model; the last step wins. */
  readonly modelOutputs?: readonly ModelOutput[];
}

export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/** Points of one key in a run, as columns: a page may have tens of thousands. */
export interface Series {
  readonly steps: readonly number[];
  readonly times: readonly number[];
  /** NaN where that was logged. */
  readonly values: readonly number[];
  readonly next?: string;
}

export interface MetricReader {
  /** By (step, time, value), NaN last. Throws `invalid_cursor`. */
  history(run: string, key: string, page: PageRequest): Promise<Page<Metric>>;
  /** The same as columns. */
  series(run: string, key: string, page: PageRequest): Promise<Series>;
  /** Distinct steps of the key over the runs, ascending, with the first and last of each run. */
  steps(runs: readonly string[], key: string, range: StepRange): Promise<MetricSteps>;
  /** All values at these steps, by (step, time, value) in each run; the runs in the order asked. */
  at(runs: readonly string[], key: string, steps: readonly number[]): Promise<readonly Metric[]>;
}

export interface MetricSteps {
  readonly all: readonly number[];
  /** First and last step of each run that has any. */
  readonly ends: readonly number[];
}
