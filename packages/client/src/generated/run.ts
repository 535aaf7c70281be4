// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { LoggedModel, Metric, Run } from './types.ts';

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

export interface RunLoggedModelsInput {
  readonly run: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface RunLoggedModels {
  readonly items: readonly LoggedModel[];
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

export interface RunClient {
  /** Lists the files of a run; GET /api/v1/blobs/{digest} gives their content. */
  artifacts(input: RunArtifactsInput, options?: CallOptions): Promise<RunArtifacts>;
  /** Starts a run. Its experiment is made when it is not there. */
  create(input?: RunCreateInput, options?: CallOptions): Promise<Run>;
  /** Puts a run away: it can be read and restored, and takes no more records. */
  delete(input: RunDeleteInput, options?: CallOptions): Promise<Run>;
  /** Ends a run. One that has ended stays as it is. */
  end(input: RunEndInput, options?: CallOptions): Promise<Run>;
  /** Shows a run with the last value of each metric and its data. */
  get(input: RunGetInput, options?: CallOptions): Promise<RunGet>;
  /** Lists runs, newest first. */
  list(input?: RunListInput, options?: CallOptions): Promise<RunList>;
  /** Lists the models that a run saved, newest first. */
  loggedModels(input: RunLoggedModelsInput, options?: CallOptions): Promise<RunLoggedModels>;
  /** Lists what a run wrote, oldest first: the console log of its command, and those of its steps, by time. */
  logs(input: RunLogsInput, options?: CallOptions): Promise<RunLogs>;
  /** Lists all values of a metric, by step and time. */
  metric(input: RunMetricInput, options?: CallOptions): Promise<RunMetric>;
  /** Adds parameters, tags, metrics and data to a running run. A parameter keeps its first value. */
  record(input: RunRecordInput, options?: CallOptions): Promise<RunGet>;
  /** Renames a run. */
  rename(input: RunRenameInput, options?: CallOptions): Promise<Run>;
  /** Brings back a run that was deleted. */
  restore(input: RunRestoreInput, options?: CallOptions): Promise<Run>;
  /** Finds runs of experiments by what was logged to them, with only the columns asked for. */
  search(input?: RunSearchInput, options?: CallOptions): Promise<RunSearch>;
}

export function createRunClient(send: Send): RunClient {
  return {
    artifacts: ({ run, ...query }, options) => send({ method: 'GET', path: `/runs/${encodeURIComponent(run)}/artifacts`, query, options }),
    create: (body = {}, options) => send({ method: 'POST', path: '/runs', body, options }),
    delete: ({ run }, options) => send({ method: 'DELETE', path: `/runs/${encodeURIComponent(run)}`, options }),
    end: ({ run, ...body }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/end`, body, options }),
    get: ({ run }, options) => send({ method: 'GET', path: `/runs/${encodeURIComponent(run)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/runs', query, options }),
    loggedModels: ({ run, ...query }, options) =>
      send({ method: 'GET', path: `/runs/${encodeURIComponent(run)}/logged-models`, query, options }),
    logs: ({ run, ...query }, options) => send({ method: 'GET', path: `/runs/${encodeURIComponent(run)}/logs`, query, options }),
    metric: ({ run, key, ...query }, options) =>
      send({ method: 'GET', path: `/runs/${encodeURIComponent(run)}/metrics/${encodeURIComponent(key)}`, query, options }),
    record: ({ run, ...body }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/records`, body, options }),
    rename: ({ run, ...body }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/rename`, body, options }),
    restore: ({ run }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/restore`, options }),
    search: (body = {}, options) => send({ method: 'POST', path: '/runs/search', body, options }),
  };
}
