// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { ComparedText, Metric, Run } from './types.ts';

export interface RunArtifactsInput {
  readonly run: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface RunArtifactsItem {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
}

export interface RunArtifacts {
  readonly items: readonly RunArtifactsItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface RunCompareInput {
  readonly runs?: readonly string[] | undefined;
  /** Instead of `runs`. */
  readonly search?:
    | {
        /** By number, name, or folder and name; with no folder either, all that there are. */
        readonly experiments?: readonly string[] | undefined;
        /** The experiments in this folder and below, besides those named. */
        readonly folder?: string | undefined;
        /** Such as `metrics.f1 > 0.9 AND (params.kind = 'a' OR tags.note IS NULL)`. */
        readonly filter?: string | undefined;
        readonly lifecycle?: 'active' | 'deleted' | 'all' | undefined;
        readonly order_by?: readonly string[] | undefined;
        readonly limit?: number | undefined;
      }
    | undefined;
  readonly baseline?: string | undefined;
  /** Compare the last value of each run, or its best. */
  readonly by?: 'last' | 'best' | undefined;
  /** Which way metrics are better whose names do not tell. */
  readonly goals?: Readonly<Record<string, 'min' | 'max'>> | undefined;
}

export interface RunCompare {
  /** All that follows has a value for each, in this order. */
  readonly runs: readonly {
    readonly id: string;
    readonly name: string;
    readonly experiment: string;
    readonly status: string;
    readonly started_at: string;
    readonly ended_at: string | null;
  }[];
  readonly baseline: string | null;
  readonly params: readonly ComparedText[];
  readonly metrics: readonly {
    readonly key: string;
    /** Which way is better, as the request or the name tells. */
    readonly goal: 'min' | 'max' | null;
    /** Last, or best, value of each run. */
    readonly values: readonly ((number | 'NaN' | 'Infinity' | '-Infinity') | null)[];
    readonly least: readonly ((number | 'NaN' | 'Infinity' | '-Infinity') | null)[];
    readonly greatest: readonly ((number | 'NaN' | 'Infinity' | '-Infinity') | null)[];
    /** What each differs from the baseline by. */
    readonly deltas: readonly ((number | 'NaN' | 'Infinity' | '-Infinity') | null)[];
    /** Places of the runs with the best value, from 0; none where all are alike. */
    readonly best: readonly number[];
  }[];
  readonly tags: readonly ComparedText[];
  readonly code: readonly ComparedText[];
  readonly environment: readonly ComparedText[];
  readonly data: readonly {
    readonly name: string;
    readonly version: string;
    readonly role: string;
    readonly used: readonly boolean[];
  }[];
}

export interface RunCreateInput {
  readonly experiment?: string | undefined;
  readonly name?: string | undefined;
  readonly code?:
    | ({
        readonly commit: string;
        readonly branch?: (string | null) | undefined;
        readonly patch?: (string | null) | undefined;
      } | null)
    | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly started_at?: string | undefined;
}

export interface RunDeleteInput {
  readonly run: string;
}

export interface RunDeleteManyInput {
  /** All changed at once, or none. */
  readonly runs?: readonly string[] | undefined;
  /** Instead of `runs`: all that it finds, 200 at once. */
  readonly search?:
    | {
        /** By number, name, or folder and name; with no folder either, all that there are. */
        readonly experiments?: readonly string[] | undefined;
        /** The experiments in this folder and below, besides those named. */
        readonly folder?: string | undefined;
        /** Such as `metrics.f1 > 0.9 AND (params.kind = 'a' OR tags.note IS NULL)`. */
        readonly filter?: string | undefined;
        readonly lifecycle?: 'active' | 'deleted' | 'all' | undefined;
      }
    | undefined;
  /** Only tells what would happen. */
  readonly dry_run?: boolean | undefined;
}

export interface RunDeleteMany {
  /** How many runs. */
  readonly changed: number;
  /** Their ids; the first 1000. */
  readonly runs: readonly string[];
}

export interface RunEndInput {
  readonly run: string;
  readonly status?: 'finished' | 'failed' | 'killed' | undefined;
}

export interface RunGetInput {
  readonly run: string;
}

export interface RunGet {
  readonly run: Run;
  /** Last value of each key. */
  readonly metrics: readonly Metric[];
  readonly inputs: readonly {
    /** `name:version`. */
    readonly ref: string;
    /** What it was used for, such as `training`. */
    readonly role: string;
  }[];
}

export interface RunListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  /** Number, name, or folder and name. */
  readonly experiment?: string | undefined;
}

export interface RunList {
  readonly items: readonly Run[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface RunLogsInput {
  readonly run: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly source?: string | undefined;
  /** The last so many lines instead of the first. */
  readonly tail?: number | undefined;
}

export interface RunLogsItem {
  /** Empty for the run's own command, else the pipeline step that wrote it. */
  readonly source: string;
  /** Of its source; where numbers jump, lines were not kept. */
  readonly seq: number;
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface RunLogs {
  readonly items: readonly RunLogsItem[];
  /** Absent when nothing more is there by now. */
  readonly next?: string;
  /** Where these lines end: `after` of a later read, or of the stream. */
  readonly position: string;
}

export interface RunMetricInput {
  readonly run: string;
  readonly key: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface RunMetric {
  readonly items: readonly Metric[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface RunMoveInput {
  /** All changed at once, or none. */
  readonly runs?: readonly string[] | undefined;
  /** Instead of `runs`: all that it finds, 200 at once. */
  readonly search?:
    | {
        /** By number, name, or folder and name; with no folder either, all that there are. */
        readonly experiments?: readonly string[] | undefined;
        /** The experiments in this folder and below, besides those named. */
        readonly folder?: string | undefined;
        /** Such as `metrics.f1 > 0.9 AND (params.kind = 'a' OR tags.note IS NULL)`. */
        readonly filter?: string | undefined;
        readonly lifecycle?: 'active' | 'deleted' | 'all' | undefined;
      }
    | undefined;
  /** Only tells what would happen. */
  readonly dry_run?: boolean | undefined;
  /** Number, name, or folder and name. */
  readonly to: string;
  /** The runs nested in them too. */
  readonly children?: boolean | undefined;
}

export interface RunRecordInput {
  readonly run: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly inputs?:
    | readonly {
        /** `name:version`. */
        readonly ref: string;
        /** What it was used for, such as `training`. */
        readonly role: string;
      }[]
    | undefined;
  readonly metrics?:
    | readonly {
        readonly key: string;
        /** A number; "NaN", "Infinity" or "-Infinity" as text. */
        readonly value: number | 'NaN' | 'Infinity' | '-Infinity';
        /** 0 when absent. */
        readonly step?: number | undefined;
        readonly time?: string | undefined;
      }[]
    | undefined;
}

export interface RunRenameInput {
  readonly run: string;
  readonly name: string;
}

export interface RunRestoreInput {
  readonly run: string;
}

export interface RunRestoreManyInput {
  /** All changed at once, or none. */
  readonly runs?: readonly string[] | undefined;
  /** Instead of `runs`: all that it finds, 200 at once. */
  readonly search?:
    | {
        /** By number, name, or folder and name; with no folder either, all that there are. */
        readonly experiments?: readonly string[] | undefined;
        /** The experiments in this folder and below, besides those named. */
        readonly folder?: string | undefined;
        /** Such as `metrics.f1 > 0.9 AND (params.kind = 'a' OR tags.note IS NULL)`. */
        readonly filter?: string | undefined;
        readonly lifecycle?: 'active' | 'deleted' | 'all' | undefined;
      }
    | undefined;
  /** Only tells what would happen. */
  readonly dry_run?: boolean | undefined;
}

export interface RunSearchInput {
  /** By number, name, or folder and name; with no folder either, all that there are. */
  readonly experiments?: readonly string[] | undefined;
  /** The experiments in this folder and below, besides those named. */
  readonly folder?: string | undefined;
  /** Such as `metrics.f1 > 0.9 AND (params.kind = 'a' OR tags.note IS NULL)`. */
  readonly filter?: string | undefined;
  readonly lifecycle?: 'active' | 'deleted' | 'all' | undefined;
  /** Such as `metrics.f1 DESC`; newest first otherwise. */
  readonly order_by?: readonly string[] | undefined;
  /** Keys to give of each run; all of a kind that is left out. */
  readonly columns?:
    | {
        readonly metrics?: readonly string[] | undefined;
        readonly params?: readonly string[] | undefined;
        readonly tags?: readonly string[] | undefined;
      }
    | undefined;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before, to the same search. */
  readonly after?: string | undefined;
}

export interface RunSearchItem {
  readonly run: Run;
  /** Last value of each key. */
  readonly metrics: readonly Metric[];
}

export interface RunSearch {
  readonly items: readonly RunSearchItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface RunSeriesInput {
  readonly runs: readonly string[];
  /** All of each run when absent. */
  readonly metrics?: readonly string[] | undefined;
  /** Most finite values of a series; the first and last NaN and infinity of each part come besides. */
  readonly points?: number | undefined;
  readonly x?: 'step' | 'time' | 'relative' | undefined;
  readonly from_step?: number | undefined;
  readonly to_step?: number | undefined;
}

export interface RunSeries {
  readonly series: readonly {
    readonly run: string;
    readonly key: string;
    /** Points that there are in the range. */
    readonly count: number;
    /** Whether these are fewer. */
    readonly sampled: boolean;
    readonly started_at: string;
    /** Steps, epoch milliseconds, or milliseconds since the run started. */
    readonly x: readonly number[];
    readonly y: readonly (number | 'NaN' | 'Infinity' | '-Infinity')[];
    /** Of each point, where x is not the step. */
    readonly steps?: readonly number[];
  }[];
}

export interface RunTableInput {
  /** By number, name, or folder and name; with no folder either, all that there are. */
  readonly experiments?: readonly string[] | undefined;
  /** The experiments in this folder and below, besides those named. */
  readonly folder?: string | undefined;
  /** Such as `metrics.f1 > 0.9 AND (params.kind = 'a' OR tags.note IS NULL)`. */
  readonly filter?: string | undefined;
  readonly lifecycle?: 'active' | 'deleted' | 'all' | undefined;
  /** Such as `run_id`, `experiment`, `duration`, `metrics.loss`, `metrics_min.loss`, `params.lr`, `tags.note`. */
  readonly columns: readonly string[];
  /** Such as `metrics.f1 DESC`; newest first otherwise. */
  readonly order_by?: readonly string[] | undefined;
  /** Most rows of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before, to the same search. */
  readonly after?: string | undefined;
}

export interface RunTable {
  readonly columns: readonly string[];
  /** A cell for each column; null where the run has none. Times are RFC 3339, durations seconds. */
  readonly rows: readonly (readonly (number | string | null)[])[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface RunTagInput {
  /** All changed at once, or none. */
  readonly runs?: readonly string[] | undefined;
  /** Instead of `runs`: all that it finds, 200 at once. */
  readonly search?:
    | {
        /** By number, name, or folder and name; with no folder either, all that there are. */
        readonly experiments?: readonly string[] | undefined;
        /** The experiments in this folder and below, besides those named. */
        readonly folder?: string | undefined;
        /** Such as `metrics.f1 > 0.9 AND (params.kind = 'a' OR tags.note IS NULL)`. */
        readonly filter?: string | undefined;
        readonly lifecycle?: 'active' | 'deleted' | 'all' | undefined;
      }
    | undefined;
  /** Only tells what would happen. */
  readonly dry_run?: boolean | undefined;
  readonly set?: Readonly<Record<string, string>> | undefined;
  readonly remove?: readonly string[] | undefined;
}

export interface RunClient {
  /** Lists the files of a run; GET /api/v1/blobs/{digest} gives their content. */
  artifacts(input: RunArtifactsInput, options?: CallOptions): Promise<RunArtifacts>;
  /** Compares runs: parameters, metrics with the best marked and differences from a baseline, data, code, environment. */
  compare(input?: RunCompareInput, options?: CallOptions): Promise<RunCompare>;
  /** Starts a run. Its experiment is made when it is not there. */
  create(input?: RunCreateInput, options?: CallOptions): Promise<Run>;
  /** Puts a run away: it can be read and restored, and takes no more records. */
  delete(input: RunDeleteInput, options?: CallOptions): Promise<Run>;
  /** Puts runs away: they can be read and restored, and take no more records. */
  deleteMany(input?: RunDeleteManyInput, options?: CallOptions): Promise<RunDeleteMany>;
  /** Ends a run. One that has ended stays as it is. */
  end(input: RunEndInput, options?: CallOptions): Promise<Run>;
  /** Shows a run with the last value of each metric and its data. */
  get(input: RunGetInput, options?: CallOptions): Promise<RunGet>;
  /** Lists runs, newest first. */
  list(input?: RunListInput, options?: CallOptions): Promise<RunList>;
  /** Lists what a run wrote, oldest first: the console log of its command, and those of its steps, by time. */
  logs(input: RunLogsInput, options?: CallOptions): Promise<RunLogs>;
  /** Lists all values of a metric, by step and time. */
  metric(input: RunMetricInput, options?: CallOptions): Promise<RunMetric>;
  /** Moves runs to another experiment, with their values, datasets, logged models and nested runs. Files stay where they are. */
  move(input: RunMoveInput, options?: CallOptions): Promise<RunDeleteMany>;
  /** Adds parameters, tags, metrics and data to a running run. A parameter keeps its first value. */
  record(input: RunRecordInput, options?: CallOptions): Promise<RunGet>;
  /** Renames a run. */
  rename(input: RunRenameInput, options?: CallOptions): Promise<Run>;
  /** Brings back a run that was deleted. */
  restore(input: RunRestoreInput, options?: CallOptions): Promise<Run>;
  /** Brings back runs that were deleted. */
  restoreMany(input?: RunRestoreManyInput, options?: CallOptions): Promise<RunDeleteMany>;
  /** Finds runs of experiments by what was logged to them, with only the columns asked for. */
  search(input?: RunSearchInput, options?: CallOptions): Promise<RunSearch>;
  /** Gives series of metrics with at most so many points each, and every extreme: first, last, least and greatest of each part (M4). */
  series(input: RunSeriesInput, options?: CallOptions): Promise<RunSeries>;
  /** Gives just these columns of the runs that a search finds, a list for each run. POST /api/v1/runs/table/stream gives all of them. */
  table(input: RunTableInput, options?: CallOptions): Promise<RunTable>;
  /** Sets and removes tags of runs, also of those that have ended. */
  tag(input?: RunTagInput, options?: CallOptions): Promise<RunDeleteMany>;
}

export function createRunClient(send: Send): RunClient {
  return {
    artifacts: ({ run, ...query }, options) => send({ method: 'GET', path: `/runs/${encodeURIComponent(run)}/artifacts`, query, options }),
    compare: (body = {}, options) => send({ method: 'POST', path: '/runs/compare', body, options }),
    create: (body = {}, options) => send({ method: 'POST', path: '/runs', body, options }),
    delete: ({ run }, options) => send({ method: 'DELETE', path: `/runs/${encodeURIComponent(run)}`, options }),
    deleteMany: (body = {}, options) => send({ method: 'POST', path: '/runs/delete', body, options }),
    end: ({ run, ...body }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/end`, body, options }),
    get: ({ run }, options) => send({ method: 'GET', path: `/runs/${encodeURIComponent(run)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/runs', query, options }),
    logs: ({ run, ...query }, options) => send({ method: 'GET', path: `/runs/${encodeURIComponent(run)}/logs`, query, options }),
    metric: ({ run, key, ...query }, options) =>
      send({ method: 'GET', path: `/runs/${encodeURIComponent(run)}/metrics/${encodeURIComponent(key)}`, query, options }),
    move: (body, options) => send({ method: 'POST', path: '/runs/move', body, options }),
    record: ({ run, ...body }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/records`, body, options }),
    rename: ({ run, ...body }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/rename`, body, options }),
    restore: ({ run }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/restore`, options }),
    restoreMany: (body = {}, options) => send({ method: 'POST', path: '/runs/restore', body, options }),
    search: (body = {}, options) => send({ method: 'POST', path: '/runs/search', body, options }),
    series: (body, options) => send({ method: 'POST', path: '/runs/series', body, options }),
    table: (body, options) => send({ method: 'POST', path: '/runs/table', body, options }),
    tag: (body = {}, options) => send({ method: 'POST', path: '/runs/tag', body, options }),
  };
}
