// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';
import type { CallOptions, Send } from '../request.ts';
import type { PipelineRunRecord, PythonEnvironment } from './types.ts';

export interface PipelineCancelInput {
  readonly run: string;
}

export interface PipelineDecideInput {
  readonly run: string;
  readonly step: string;
  readonly approved: boolean;
  /** Why. */
  readonly note?: string | undefined;
  /** Of a fan-out, the element. */
  readonly index?: number | undefined;
}

export interface PipelineDecide {
  readonly id: string;
  readonly step: string;
  /** Of an element of a fan-out, its place in the list. */
  readonly index: number | null;
  readonly item: JsonValue;
  /** Of a fan-out: elements in all, not yet ended, ended without a result. */
  readonly elements: {
    readonly total: number;
    readonly open: number;
    readonly bad: number;
  } | null;
  readonly state:
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
  /** Attempts begun. */
  readonly attempt: number;
  /** Attempts lost with their worker. */
  readonly lost: number;
  readonly worker: string | null;
  readonly cache_key: string | null;
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly manifest: string;
        /** The version it became. */
        readonly dataset: string | null;
        readonly value?: JsonValue;
      }
    >
  >;
  readonly error: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

export interface PipelineElementsInput {
  readonly run: string;
  readonly step: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface PipelineElements {
  readonly items: readonly PipelineDecide[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface PipelineEnvironmentsInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface PipelineEnvironments {
  readonly items: readonly PythonEnvironment[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface PipelineExplainInput {
  readonly run: string;
}

export interface PipelineExplain {
  readonly steps: readonly {
    readonly step: string;
    readonly state:
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
    readonly reason: string;
    readonly changes: readonly string[];
  }[];
}

export interface PipelineGetInput {
  readonly pipeline: string;
}

export interface PipelineGet {
  readonly name: string;
  readonly experiment: string;
  /** Values unless a run says otherwise. */
  readonly params: Readonly<Record<string, string>>;
  /** What is known of parameters beyond a text. */
  readonly parameters: Readonly<
    Record<
      string,
      {
        readonly type: 'string' | 'int' | 'float' | 'bool' | 'json';
        readonly choices?: readonly string[];
        readonly description?: string;
      }
    >
  >;
  readonly steps: readonly {
    readonly name: string;
    readonly run: string;
    readonly inputs: Readonly<
      Record<
        string,
        | {
            readonly from: 'dataset';
            readonly dataset: string;
          }
        | {
            readonly from: 'step';
            readonly step: string;
            readonly output: string;
          }
      >
    >;
    readonly outputs: Readonly<
      Record<
        string,
        {
          readonly type: 'file' | 'folder' | 'metrics' | 'model' | 'json';
          readonly name: string;
          readonly dataset: string | null;
        }
      >
    >;
    readonly params: readonly string[];
    readonly code: readonly string[];
    readonly after: readonly string[];
    readonly retries: number;
    readonly timeout_ms: number;
    readonly cache: boolean;
    /** How old a result may be to be taken from the cache. */
    readonly cache_ms?: number;
    readonly uses?: string;
    readonly approve?: string;
    readonly if?: string;
    readonly foreach?: {
      readonly in: string | readonly JsonValue[];
      readonly parallelism: number;
    };
    readonly always?: boolean;
    readonly on_cancel?: boolean;
    readonly pool?: {
      readonly name: string;
      readonly slots: number;
    };
    readonly priority?: number;
    /** Names of secrets, by the variable that holds each. */
    readonly secrets?: Readonly<Record<string, string>>;
  }[];
  readonly digest: string;
  /** Folder of the project on the worker's machine. */
  readonly root: string;
  readonly updated_at: string;
}

export interface PipelineListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface PipelineList {
  readonly items: readonly PipelineGet[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface PipelineLogsInput {
  readonly run: string;
  readonly step: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  /** Of a fan-out, the element. */
  readonly index?: number | undefined;
}

export interface PipelineLogsItem {
  readonly attempt: number;
  readonly seq: number;
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface PipelineLogs {
  readonly items: readonly PipelineLogsItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface PipelinePauseInput {
  readonly run: string;
}

export interface PipelinePruneEnvironmentsInput {
  readonly unused_ms?: number | undefined;
}

export interface PipelinePruneEnvironments {
  readonly removed: readonly PythonEnvironment[];
}

export interface PipelineRerunInput {
  readonly run: string;
  readonly from?: string | undefined;
  /** Whether every step runs, whatever the cache holds. */
  readonly no_cache?: boolean | undefined;
  readonly note?: string | undefined;
}

export interface PipelineResumeInput {
  readonly run: string;
}

export interface PipelineRetryInput {
  readonly run: string;
}

export interface PipelineRunInput {
  readonly run: string;
}

export interface PipelineRun {
  readonly run: PipelineRunRecord;
  /** In the order of the steps. */
  readonly tasks: readonly PipelineDecide[];
}

export interface PipelineRunsInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly pipeline?: string | undefined;
  readonly state?: 'running' | 'paused' | 'canceling' | 'succeeded' | 'failed' | 'canceled' | undefined;
}

export interface PipelineRuns {
  readonly items: readonly PipelineRunRecord[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface PipelineStartInput {
  readonly pipeline: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Versions by dataset; the latest of each that is not named. */
  readonly datasets?: Readonly<Record<string, number>> | undefined;
  /** Absent: each request starts a run of its own. */
  readonly key?: string | undefined;
  readonly note?: string | undefined;
  /** Whether every step runs, whatever the cache holds. */
  readonly no_cache?: boolean | undefined;
}

export interface PipelineStart {
  readonly created: boolean;
  readonly run: PipelineRunRecord;
}

export interface PipelineClient {
  /** Stops a run. One that has ended stays as it is. */
  cancel(input: PipelineCancelInput, options?: CallOptions): Promise<PipelineRunRecord>;
  /** Answers a step that asks a person: what waits for it goes on, or the run fails. */
  decide(input: PipelineDecideInput, options?: CallOptions): Promise<PipelineDecide>;
  /** Lists the elements of a step's fan-out, in the order of the list. */
  elements(input: PipelineElementsInput, options?: CallOptions): Promise<PipelineElements>;
  /** Lists the Python environments of steps on this server, the one used last first. */
  environments(input?: PipelineEnvironmentsInput, options?: CallOptions): Promise<PipelineEnvironments>;
  /** Tells why each step ran, was taken from the cache, or did not run. */
  explain(input: PipelineExplainInput, options?: CallOptions): Promise<PipelineExplain>;
  /** Shows a pipeline. */
  get(input: PipelineGetInput, options?: CallOptions): Promise<PipelineGet>;
  /** Lists pipelines. */
  list(input?: PipelineListInput, options?: CallOptions): Promise<PipelineList>;
  /** Lists what a step wrote, all its attempts, oldest first. */
  logs(input: PipelineLogsInput, options?: CallOptions): Promise<PipelineLogs>;
  /** Starts nothing more of a run; what runs goes on. */
  pause(input: PipelinePauseInput, options?: CallOptions): Promise<PipelineRunRecord>;
  /** Removes Python environments that no step has begun with for a while. */
  pruneEnvironments(input?: PipelinePruneEnvironmentsInput, options?: CallOptions): Promise<PipelinePruneEnvironments>;
  /** Starts a new run with the definition, parameters and data of this one, all of it or from a step on. */
  rerun(input: PipelineRerunInput, options?: CallOptions): Promise<PipelineRunRecord>;
  /** Lets a paused run go on. */
  resume(input: PipelineResumeInput, options?: CallOptions): Promise<PipelineRunRecord>;
  /** Runs what did not succeed again; what succeeded stays. */
  retry(input: PipelineRetryInput, options?: CallOptions): Promise<PipelineRunRecord>;
  /** Shows a run of a pipeline with its tasks. */
  run(input: PipelineRunInput, options?: CallOptions): Promise<PipelineRun>;
  /** Lists runs of pipelines, newest first. */
  runs(input?: PipelineRunsInput, options?: CallOptions): Promise<PipelineRuns>;
  /** Starts a run. The same key gives the same run. */
  start(input: PipelineStartInput, options?: CallOptions): Promise<PipelineStart>;
}

export function createPipelineClient(send: Send): PipelineClient {
  return {
    cancel: ({ run }, options) => send({ method: 'POST', path: `/pipeline-runs/${encodeURIComponent(run)}/cancel`, options }),
    decide: ({ run, step, ...body }, options) =>
      send({ method: 'POST', path: `/pipeline-runs/${encodeURIComponent(run)}/tasks/${encodeURIComponent(step)}/decision`, body, options }),
    elements: ({ run, step, ...query }, options) =>
      send({ method: 'GET', path: `/pipeline-runs/${encodeURIComponent(run)}/tasks/${encodeURIComponent(step)}/elements`, query, options }),
    environments: (query, options) => send({ method: 'GET', path: '/python-environments', query, options }),
    explain: ({ run }, options) => send({ method: 'GET', path: `/pipeline-runs/${encodeURIComponent(run)}/explanation`, options }),
    get: ({ pipeline }, options) => send({ method: 'GET', path: `/pipelines/${encodeURIComponent(pipeline)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/pipelines', query, options }),
    logs: ({ run, step, ...query }, options) =>
      send({ method: 'GET', path: `/pipeline-runs/${encodeURIComponent(run)}/tasks/${encodeURIComponent(step)}/logs`, query, options }),
    pause: ({ run }, options) => send({ method: 'POST', path: `/pipeline-runs/${encodeURIComponent(run)}/pause`, options }),
    pruneEnvironments: (body = {}, options) => send({ method: 'POST', path: '/python-environments/prune', body, options }),
    rerun: ({ run, ...body }, options) => send({ method: 'POST', path: `/pipeline-runs/${encodeURIComponent(run)}/rerun`, body, options }),
    resume: ({ run }, options) => send({ method: 'POST', path: `/pipeline-runs/${encodeURIComponent(run)}/resume`, options }),
    retry: ({ run }, options) => send({ method: 'POST', path: `/pipeline-runs/${encodeURIComponent(run)}/retry`, options }),
    run: ({ run }, options) => send({ method: 'GET', path: `/pipeline-runs/${encodeURIComponent(run)}`, options }),
    runs: (query, options) => send({ method: 'GET', path: '/pipeline-runs', query, options }),
    start: ({ pipeline, ...body }, options) =>
      send({ method: 'POST', path: `/pipelines/${encodeURIComponent(pipeline)}/runs`, body, options }),
  };
}
