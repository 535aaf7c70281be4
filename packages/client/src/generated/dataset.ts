// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';
import type { CallOptions, Send } from '../request.ts';

export interface DatasetAddInput {
  readonly dataset: string;
  readonly manifest: {
    readonly entries: readonly {
      readonly path: string;
      readonly digest: string;
      readonly size: number;
      readonly mode: number;
    }[];
  };
  readonly message?: string | undefined;
}

export interface DatasetAdd {
  readonly created: boolean;
  readonly version: DatasetVersion;
}

export interface DatasetChecksInput {
  readonly dataset: string;
  /** A number, or `latest`. */
  readonly version: number | 'latest';
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface DatasetChecksItem {
  readonly id: string;
  readonly dataset: string;
  readonly version: number;
  readonly suite: string;
  readonly suite_digest: string;
  readonly environment: string | null;
  readonly verdict: 'passed' | 'failed' | 'error';
  readonly at: string;
  readonly results: readonly {
    readonly expectation: {
      readonly type: string;
      readonly kwargs: Readonly<Record<string, JsonValue>>;
      readonly severity: 'critical' | 'warning' | 'info';
      readonly environments?: readonly string[];
    };
    readonly outcome: 'passed' | 'failed' | 'error';
    /** Rows that the row condition lets through. */
    readonly element_count: number;
    /** Of these, the ones with nothing to look at; null where rows are not counted. */
    readonly missing_count: number | null;
    readonly unexpected_count: number;
    readonly observed: JsonValue;
    /** Up to 20 values that broke it. */
    readonly samples: readonly JsonValue[];
    /** Where the samples are, the first row being 1. */
    readonly rows: readonly number[];
    readonly note: string | null;
  }[];
}

export interface DatasetChecks {
  readonly items: readonly DatasetChecksItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface DatasetListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface DatasetListItem {
  readonly name: string;
  readonly created_at: string;
}

export interface DatasetList {
  readonly items: readonly DatasetListItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface DatasetManifestInput {
  readonly dataset: string;
  /** A number, or `latest`. */
  readonly version: number | 'latest';
}

export interface DatasetManifest {
  readonly entries: readonly {
    readonly path: string;
    readonly digest: string;
    readonly size: number;
    readonly mode: number;
  }[];
}

export interface DatasetRunsInput {
  readonly dataset: string;
  /** A number, or `latest`. */
  readonly version: number | 'latest';
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface DatasetRunsItem {
  readonly run: string;
  readonly name: string;
  readonly experiment: number;
  readonly role: string;
  readonly status: 'scheduled' | 'running' | 'finished' | 'failed' | 'killed';
  readonly started_at: string;
}

export interface DatasetRuns {
  readonly items: readonly DatasetRunsItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface DatasetVersionInput {
  readonly dataset: string;
  /** A number, or `latest`. */
  readonly version: number | 'latest';
}

export interface DatasetVersion {
  readonly dataset: string;
  readonly version: number;
  /** `name:version` */
  readonly ref: string;
  readonly manifest: string;
  readonly files: number;
  readonly bytes: number;
  readonly tables: readonly {
    readonly folder: string;
    readonly format: 'parquet' | 'csv' | 'json';
    readonly files: number;
    readonly rows: number;
    readonly columns: readonly {
      readonly name: string;
      readonly type: string;
    }[];
  }[];
  readonly message: string;
  readonly author: string;
  readonly created_at: string;
  readonly parent: number | null;
  readonly status: 'unchecked' | 'accepted' | 'rejected';
  readonly task: string | null;
}

export interface DatasetVersionsInput {
  readonly dataset: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface DatasetVersions {
  readonly items: readonly DatasetVersion[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface DatasetClient {
  /** Adds a version of files whose content is stored already. The same files as the latest version give that version back. */
  add(input: DatasetAddInput, options?: CallOptions): Promise<DatasetAdd>;
  /** Lists the verdicts of check suites on a version, oldest first. */
  checks(input: DatasetChecksInput, options?: CallOptions): Promise<DatasetChecks>;
  /** Lists datasets. */
  list(input?: DatasetListInput, options?: CallOptions): Promise<DatasetList>;
  /** Lists the files of a version. */
  manifest(input: DatasetManifestInput, options?: CallOptions): Promise<DatasetManifest>;
  /** Lists the runs that read a version, newest first. */
  runs(input: DatasetRunsInput, options?: CallOptions): Promise<DatasetRuns>;
  /** Shows one version. */
  version(input: DatasetVersionInput, options?: CallOptions): Promise<DatasetVersion>;
  /** Lists the versions of a dataset, newest first. */
  versions(input: DatasetVersionsInput, options?: CallOptions): Promise<DatasetVersions>;
}

export function createDatasetClient(send: Send): DatasetClient {
  return {
    add: ({ dataset, ...body }, options) =>
      send({ method: 'POST', path: `/datasets/${encodeURIComponent(dataset)}/versions`, body, options }),
    checks: ({ dataset, version, ...query }, options) =>
      send({
        method: 'GET',
        path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}/checks`,
        query,
        options,
      }),
    list: (query, options) => send({ method: 'GET', path: '/datasets', query, options }),
    manifest: ({ dataset, version }, options) =>
      send({ method: 'GET', path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}/manifest`, options }),
    runs: ({ dataset, version, ...query }, options) =>
      send({
        method: 'GET',
        path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}/runs`,
        query,
        options,
      }),
    version: ({ dataset, version }, options) =>
      send({ method: 'GET', path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}`, options }),
    versions: ({ dataset, ...query }, options) =>
      send({ method: 'GET', path: `/datasets/${encodeURIComponent(dataset)}/versions`, query, options }),
  };
}
