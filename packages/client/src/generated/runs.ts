// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { ComparedText } from './types.ts';

export interface RunsCompareInput {
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

export interface RunsCompare {
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

export interface RunsDeleteInput {
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

export interface RunsDelete {
  /** How many runs. */
  readonly changed: number;
  /** Their ids; the first 1000. */
  readonly runs: readonly string[];
}

export interface RunsMoveInput {
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

export interface RunsRestoreInput {
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

export interface RunsSeriesInput {
  readonly runs: readonly string[];
  /** All of each run when absent. */
  readonly metrics?: readonly string[] | undefined;
  /** Most finite values of a series; the first and last NaN and infinity of each part come besides. */
  readonly points?: number | undefined;
  readonly x?: 'step' | 'time' | 'relative' | undefined;
  readonly from_step?: number | undefined;
  readonly to_step?: number | undefined;
}

export interface RunsSeries {
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

export interface RunsTableInput {
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

export interface RunsTable {
  readonly columns: readonly string[];
  /** A cell for each column; null where the run has none. Times are RFC 3339, durations seconds. */
  readonly rows: readonly (readonly (number | string | null)[])[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface RunsTagInput {
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

export interface RunsClient {
  /** Compares runs: parameters, metrics with the best marked and differences from a baseline, data, code, environment. */
  compare(input?: RunsCompareInput, options?: CallOptions): Promise<RunsCompare>;
  /** Puts runs away: they can be read and restored, and take no more records. */
  delete(input?: RunsDeleteInput, options?: CallOptions): Promise<RunsDelete>;
  /** Moves runs to another experiment, with their values, datasets, logged models and nested runs. Files stay where they are. */
  move(input: RunsMoveInput, options?: CallOptions): Promise<RunsDelete>;
  /** Brings back runs that were deleted. */
  restore(input?: RunsRestoreInput, options?: CallOptions): Promise<RunsDelete>;
  /** Gives series of metrics with at most so many points each, and every extreme: first, last, least and greatest of each part (M4). */
  series(input: RunsSeriesInput, options?: CallOptions): Promise<RunsSeries>;
  /** Gives just these columns of the runs that a search finds, a list for each run. POST /api/v1/runs/table/stream gives all of them. */
  table(input: RunsTableInput, options?: CallOptions): Promise<RunsTable>;
  /** Sets and removes tags of runs, also of those that have ended. */
  tag(input?: RunsTagInput, options?: CallOptions): Promise<RunsDelete>;
}

export function createRunsClient(send: Send): RunsClient {
  return {
    compare: (body = {}, options) => send({ method: 'POST', path: '/runs/compare', body, options }),
    delete: (body = {}, options) => send({ method: 'POST', path: '/runs/delete', body, options }),
    move: (body, options) => send({ method: 'POST', path: '/runs/move', body, options }),
    restore: (body = {}, options) => send({ method: 'POST', path: '/runs/restore', body, options }),
    series: (body, options) => send({ method: 'POST', path: '/runs/series', body, options }),
    table: (body, options) => send({ method: 'POST', path: '/runs/table', body, options }),
    tag: (body = {}, options) => send({ method: 'POST', path: '/runs/tag', body, options }),
  };
}
