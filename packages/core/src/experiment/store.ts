import type { FolderCount } from './folder.ts';
import type { SeriesBucket, SeriesCut, SeriesPoint } from './series.ts';
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

export interface RunPlace {
  readonly id: string;
  readonly experiment: number;
  readonly lifecycle: Lifecycle;
}

/** Runs change their experiment, and all that belongs to them goes along. */
export interface RunMoveStore {
  /** These runs and all that are nested in them, at any depth; those that are not there are left out. */
  family(runs: readonly string[]): Promise<readonly RunPlace[]>;
  /** These runs where they are; those that are not there are left out. */
  places(runs: readonly string[]): Promise<readonly RunPlace[]>;
  /** Moves runs of one experiment with their values, datasets and logged models. Files stay: those of logged models lie below `root`, that of the experiment they leave. */
  move(runs: readonly string[], from: { readonly experiment: number; readonly root: string }, to: number): Promise<void>;
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

/** Of all values of a key that are numbers; null where none is. */
export interface MetricExtremes {
  readonly run: string;
  readonly key: string;
  readonly least: number | null;
  readonly greatest: number | null;
}

/** Where a reader of a key stands: after this point. */
export interface MetricPosition {
  readonly key: string;
  readonly step: number;
  readonly time: number;
}

/** Some kind of value that is no finite number, in one bucket. */
export interface OddPlace {
  readonly from: number;
  readonly to: number;
  readonly kind: 'nan' | 'up' | 'down';
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

/** Values of metrics as plots and followers need them. */
export interface SeriesReader {
  /** Of these keys, or of all. */
  extremes(runs: readonly string[], keys?: readonly string[]): Promise<readonly MetricExtremes[]>;
  /** The first points of a key within the range, by (step, time, value). */
  points(run: string, key: string, range: StepRange, most: number): Promise<readonly SeriesPoint[]>;
  /** The last point of a key within the range. */
  last(run: string, key: string, range: StepRange): Promise<SeriesPoint | undefined>;
  /** The first point at or after each step. */
  times(run: string, key: string, steps: readonly number[]): Promise<readonly Pick<SeriesPoint, 'step' | 'time'>[]>;
  buckets(run: string, key: string, cut: SeriesCut): Promise<readonly SeriesBucket[]>;
  /** The first and last point of each place. */
  odd(run: string, key: string, cut: SeriesCut, places: readonly OddPlace[]): Promise<readonly SeriesPoint[]>;
  /** Points at or after these positions, by (key, step, time, value), `most` of each key. */
  since(run: string, positions: readonly MetricPosition[], most: number): Promise<readonly Metric[]>;
}

export interface MetricSteps {
  readonly all: readonly number[];
  /** First and last step of each run that has any. */
  readonly ends: readonly number[];
}
