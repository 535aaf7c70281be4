// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { ExperimentRecord, FileRecord, RunRecord, SeriesRecord } from './types.ts';

export interface ImportCompleteInput {
  readonly kind: 'run' | 'model';
  readonly ids: readonly string[];
}

export interface ImportExperimentsInput {
  /** What the records come from, for the record of what happened. */
  readonly source?: string | undefined;
  /** What is done about a record that is there and differs: it is told and left, left, or replaced. */
  readonly on_conflict?: 'fail' | 'skip' | 'update' | undefined;
  /** Tells what would become of them, and writes nothing. */
  readonly dry_run?: boolean | undefined;
  readonly renumber?: boolean | undefined;
  readonly items: readonly ExperimentRecord[];
}

export interface ImportExperiments {
  readonly results: readonly {
    readonly id: string;
    readonly outcome: 'created' | 'updated' | 'unchanged' | 'skipped' | 'conflict' | 'failed';
    /** What stood in the way, or came otherwise; empty when nothing did. */
    readonly problem: string;
    /** Its number here; null when its runs are not to come. */
    readonly experiment: number | null;
    /** Root of its artifacts for clients. */
    readonly root: string | null;
  }[];
}

export interface ImportKnownInput {
  readonly kind: 'run' | 'model';
  readonly ids: readonly string[];
  /** Whether to compute the digest of what each holds. */
  readonly digests?: boolean | undefined;
}

export interface ImportKnown {
  readonly results: readonly {
    readonly id: string;
    /** Its import was begun and has not ended. */
    readonly pending: boolean;
    readonly digest: string | null;
    readonly points: number;
    /** Digest of the paths and sizes of its files. */
    readonly listing: string | null;
  }[];
}

export interface ImportLoggedModelsInput {
  /** What the records come from, for the record of what happened. */
  readonly source?: string | undefined;
  /** What is done about a record that is there and differs: it is told and left, left, or replaced. */
  readonly on_conflict?: 'fail' | 'skip' | 'update' | undefined;
  readonly items: readonly {
    readonly model: {
      readonly id: string;
      /** Number of the experiment on this server. */
      readonly experiment: number;
      readonly name: string;
      readonly type: string;
      readonly status: 'pending' | 'ready' | 'failed';
      readonly run: string | null;
      /** Whole number. */
      readonly created_at: number;
      /** Whole number. */
      readonly updated_at: number;
      readonly deleted_at: number | null;
      readonly params: Readonly<Record<string, string>>;
      readonly tags: Readonly<Record<string, string>>;
    };
    readonly metrics: readonly {
      readonly run: string;
      readonly key: string;
      /** A number; "NaN", "Infinity" or "-Infinity" as text. */
      readonly value: number | 'NaN' | 'Infinity' | '-Infinity';
      /** Whole number. */
      readonly step: number;
      /** Whole number. */
      readonly time: number;
      readonly dataset: {
        readonly name: string;
        readonly digest: string;
      } | null;
    }[];
    readonly files: readonly FileRecord[];
    readonly complete: boolean;
  }[];
}

export interface ImportLoggedModels {
  readonly results: readonly {
    readonly id: string;
    readonly outcome: 'created' | 'updated' | 'unchanged' | 'skipped' | 'conflict' | 'failed';
    /** What stood in the way, or came otherwise; empty when nothing did. */
    readonly problem: string;
  }[];
}

export interface ImportModelsInput {
  /** What the records come from, for the record of what happened. */
  readonly source?: string | undefined;
  /** What is done about a record that is there and differs: it is told and left, left, or replaced. */
  readonly on_conflict?: 'fail' | 'skip' | 'update' | undefined;
  /** Tells what would become of them, and writes nothing. */
  readonly dry_run?: boolean | undefined;
  readonly items: readonly {
    readonly name: string;
    readonly description: string;
    /** Highest number that a version of it ever had. */
    readonly last_version: number;
    /** Whole number. */
    readonly created_at: number;
    readonly created_by: string;
    /** Whole number. */
    readonly updated_at: number;
    readonly tags: Readonly<Record<string, string>>;
  }[];
}

export interface ImportMoreInput {
  readonly points: readonly {
    readonly run: string;
    readonly series: readonly SeriesRecord[];
  }[];
  readonly files: readonly {
    readonly owner: 'run' | 'model';
    readonly id: string;
    readonly files: readonly FileRecord[];
  }[];
}

export interface ImportRunsInput {
  /** What the records come from, for the record of what happened. */
  readonly source?: string | undefined;
  /** What is done about a record that is there and differs: it is told and left, left, or replaced. */
  readonly on_conflict?: 'fail' | 'skip' | 'update' | undefined;
  readonly items: readonly {
    readonly run: RunRecord;
    readonly series: readonly SeriesRecord[];
    readonly files: readonly FileRecord[];
    /** False when more points or files will come. */
    readonly complete: boolean;
  }[];
}

export interface ImportVersionsInput {
  /** What the records come from, for the record of what happened. */
  readonly source?: string | undefined;
  /** What is done about a record that is there and differs: it is told and left, left, or replaced. */
  readonly on_conflict?: 'fail' | 'skip' | 'update' | undefined;
  /** Tells what would become of them, and writes nothing. */
  readonly dry_run?: boolean | undefined;
  readonly items: readonly {
    readonly model: string;
    readonly version: number;
    readonly source:
      | {
          readonly kind: 'uri';
          readonly uri: string;
        }
      | {
          readonly kind: 'run' | 'model';
          readonly id: string;
          readonly path: string;
        };
    readonly run: string | null;
    readonly run_link: string;
    readonly stage: 'None' | 'Staging' | 'Production' | 'Archived';
    readonly description: string;
    readonly tags: Readonly<Record<string, string>>;
    /** Whole number. */
    readonly created_at: number;
    readonly created_by: string;
    /** Whole number. */
    readonly updated_at: number;
    readonly aliases: readonly string[];
  }[];
}

export interface ImportClient {
  /** Says that everything of these runs, or logged models, has come. */
  complete(input: ImportCompleteInput, options?: CallOptions): Promise<Readonly<Record<string, never>>>;
  /** Brings in experiments under their own numbers. */
  experiments(input: ImportExperimentsInput, options?: CallOptions): Promise<ImportExperiments>;
  /** Tells which runs, or logged models, are there, and what they hold. */
  known(input: ImportKnownInput, options?: CallOptions): Promise<ImportKnown>;
  /** Brings in logged models with their metrics and files. */
  loggedModels(input: ImportLoggedModelsInput, options?: CallOptions): Promise<ImportLoggedModels>;
  /** Brings in registered models. */
  models(input: ImportModelsInput, options?: CallOptions): Promise<ImportLoggedModels>;
  /** Adds points and files to runs and logged models whose import has begun. */
  more(input: ImportMoreInput, options?: CallOptions): Promise<Readonly<Record<string, never>>>;
  /** Brings in runs with their metrics and files, all in one transaction. The content of files is sent before. */
  runs(input: ImportRunsInput, options?: CallOptions): Promise<ImportLoggedModels>;
  /** Brings in versions of registered models under their own numbers, with stages and aliases. */
  versions(input: ImportVersionsInput, options?: CallOptions): Promise<ImportLoggedModels>;
}

export function createImportClient(send: Send): ImportClient {
  return {
    complete: (body, options) => send({ method: 'POST', path: '/imports/complete', body, options }),
    experiments: (body, options) => send({ method: 'POST', path: '/imports/experiments', body, options }),
    known: (body, options) => send({ method: 'POST', path: '/imports/known', body, options }),
    loggedModels: (body, options) => send({ method: 'POST', path: '/imports/logged-models', body, options }),
    models: (body, options) => send({ method: 'POST', path: '/imports/models', body, options }),
    more: (body, options) => send({ method: 'POST', path: '/imports/more', body, options }),
    runs: (body, options) => send({ method: 'POST', path: '/imports/runs', body, options }),
    versions: (body, options) => send({ method: 'POST', path: '/imports/versions', body, options }),
  };
}
