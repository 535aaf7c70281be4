// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';
import type { CallOptions, Send } from '../request.ts';
import type { VersionSource } from './types.ts';

export interface DatasetAddInput {
  readonly dataset: string;
  /** All files; for many it is faster to send one of the two others. */
  readonly manifest?:
    | {
        readonly entries: readonly {
          readonly path: string;
          readonly digest: string;
          readonly size: number;
          readonly mode: number;
        }[];
      }
    | undefined;
  readonly manifest_digest?: string | undefined;
  /** What differs from a version of the dataset. */
  readonly changes?:
    | {
        /** A version number: 1, 2, 3, … */
        readonly base: number;
        readonly put: readonly {
          readonly path: string;
          readonly digest: string;
          readonly size: number;
          readonly mode: number;
        }[];
        readonly remove: readonly string[];
        readonly digest?: string | undefined;
      }
    | undefined;
  readonly message?: string | undefined;
  readonly branch?: string | undefined;
  /** Where the files came from. */
  readonly source?:
    | (
        | {
            readonly kind: 'url';
            readonly url: string;
            readonly etag: string | null;
            readonly digest: string;
          }
        | {
            readonly kind: 'query';
            readonly sql: string;
            readonly inputs: readonly {
              readonly dataset: string;
              readonly version: number;
              readonly as?: string | undefined;
            }[];
            readonly source?: string | undefined;
          }
      )
    | undefined;
}

export interface DatasetAdd {
  readonly created: boolean;
  readonly version: DatasetVersion;
}

export interface DatasetChecksInput {
  readonly dataset: string;
  /** A number, the name of a tag or branch, or `latest`. */
  readonly version: number | string;
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

export interface DatasetDiffInput {
  readonly dataset: string;
  readonly from: number | string;
  readonly to?: (number | string) | undefined;
  /** Columns that tell rows apart, by commas. */
  readonly key?: string | undefined;
  /** Whether tables are looked into. */
  readonly tables?: 'true' | 'false' | undefined;
}

export interface DatasetDiff {
  readonly from: number;
  readonly to: number;
  readonly files: readonly (
    | {
        readonly kind: 'added' | 'removed';
        readonly path: string;
        readonly size: number;
      }
    | {
        readonly kind: 'changed';
        readonly path: string;
        readonly size: number;
        readonly sizeBefore: number;
      }
    | {
        readonly kind: 'mode';
        readonly path: string;
        readonly mode: number;
        readonly modeBefore: number;
      }
    | {
        readonly kind: 'moved';
        readonly path: string;
        readonly from: string;
        readonly size: number;
      }
  )[];
  readonly tables: readonly {
    readonly folder: string;
    readonly format: string;
    /** Columns that came, went or changed their type. */
    readonly columns: readonly {
      readonly column: string;
      readonly before: string | null;
      readonly after: string | null;
    }[];
    readonly rows_before: number;
    readonly rows_after: number;
    readonly key: readonly string[];
    readonly added: number;
    readonly removed: number;
    /** Null without a key: a changed row is then one removed and one added. */
    readonly changed: number | null;
    readonly changed_by: readonly {
      readonly column: string;
      readonly rows: number;
    }[];
    /** Total variation distance of the values of each column: 0 the same, 1 nothing in common. */
    readonly spread: readonly {
      readonly column: string;
      readonly distance: number;
    }[];
  }[];
}

export interface DatasetExpireInput {
  readonly dataset: string;
  /** The newest so many of each branch stay. */
  readonly keep: number;
  readonly older_than_ms?: number | undefined;
  readonly dry_run?: boolean | undefined;
}

export interface DatasetExpire {
  readonly expired: readonly DatasetVersion[];
  readonly held: readonly {
    readonly version: DatasetVersion;
    readonly by: DatasetUsesItem;
  }[];
}

export interface DatasetFilesInput {
  readonly dataset: string;
  /** A number, the name of a tag or branch, or `latest`. */
  readonly version: number | string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly under?: string | undefined;
}

export interface DatasetFilesItem {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
  readonly mode: number;
}

export interface DatasetFiles {
  readonly items: readonly DatasetFilesItem[];
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
  /** A number, the name of a tag or branch, or `latest`. */
  readonly version: number | string;
}

export interface DatasetManifest {
  readonly entries: readonly DatasetFilesItem[];
}

export interface DatasetProfileInput {
  readonly dataset: string;
  /** A number, the name of a tag or branch, or `latest`. */
  readonly version: number | string;
  /** The table, when the version holds several. */
  readonly folder?: string | undefined;
}

export interface DatasetProfile {
  /** `name:version` */
  readonly ref: string;
  readonly folder: string;
  readonly format: 'parquet' | 'csv' | 'json';
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    /** What the values seem to stand for, such as category, identifier, email. */
    readonly semantic: string;
    readonly nulls: number;
    readonly distinct: number;
    readonly distinct_exact: boolean;
    readonly min: JsonValue;
    readonly max: JsonValue;
    readonly top: readonly {
      readonly value: JsonValue;
      readonly count: number;
    }[];
    readonly numbers: {
      readonly nans: number;
      readonly positive_infinite: number;
      readonly negative_infinite: number;
      readonly zeros: number;
      readonly negatives: number;
      readonly mean: number;
      readonly variance: number | null;
      readonly quantiles: readonly {
        readonly share: number;
        readonly value: number;
      }[];
      /** A cell holds its upper edge; the last one ends at the maximum. */
      readonly histogram: {
        readonly min: number;
        readonly max: number;
        readonly edges: readonly number[];
        readonly edges_digest: string;
        readonly counts: readonly number[];
      };
    } | null;
    readonly texts: {
      readonly empty: number;
      readonly min_length: number;
      readonly max_length: number;
      readonly mean_length: number;
      /** Runs of letters and digits as A, a, 9. */
      readonly shapes: readonly {
        readonly shape: string;
        readonly share: number;
      }[];
    } | null;
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

export interface DatasetUsesInput {
  readonly dataset: string;
  /** A number, the name of a tag or branch, or `latest`. */
  readonly version: number | string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface DatasetUsesItem {
  readonly version: number;
  readonly kind: 'run' | 'model version' | 'pipeline run' | 'gate' | 'tag' | 'branch' | 'merge';
  readonly id: string;
  readonly role: string;
}

export interface DatasetUses {
  readonly items: readonly DatasetUsesItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface DatasetVerifyInput {
  readonly dataset: string;
  /** A number, the name of a tag or branch, or `latest`. */
  readonly version: number | string;
  readonly under?: string | undefined;
}

export interface DatasetVerify {
  readonly files: number;
  readonly bytes: number;
  readonly damaged: readonly {
    readonly path: string;
    readonly digest: string;
    readonly problem: string;
  }[];
}

export interface DatasetVersionInput {
  readonly dataset: string;
  /** A number, the name of a tag or branch, or `latest`. */
  readonly version: number | string;
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
  readonly branch: string;
  /** The version whose branch was merged. */
  readonly merged_from: number | null;
  /** Where its files came from, when nobody sent a folder. */
  readonly source: VersionSource | null;
  readonly status: 'unchecked' | 'accepted' | 'rejected';
  readonly task: string | null;
  /** When its content was given up. */
  readonly expired_at: string | null;
}

export interface DatasetVersionsInput {
  readonly dataset: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly branch?: string | undefined;
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
  /** Tells what changed between two versions: files, and in tables the columns, the rows, and how values are spread. */
  diff(input: DatasetDiffInput, options?: CallOptions): Promise<DatasetDiff>;
  /** Gives up the content of old versions that nothing refers to; a collection then frees the room. */
  expire(input: DatasetExpireInput, options?: CallOptions): Promise<DatasetExpire>;
  /** Lists the files of a version, by path; those at a path and below it when one is named. */
  files(input: DatasetFilesInput, options?: CallOptions): Promise<DatasetFiles>;
  /** Lists datasets. */
  list(input?: DatasetListInput, options?: CallOptions): Promise<DatasetList>;
  /** Lists the files of a version. */
  manifest(input: DatasetManifestInput, options?: CallOptions): Promise<DatasetManifest>;
  /** Tells what the columns of a table hold. Computed once for the files of a version. */
  profile(input: DatasetProfileInput, options?: CallOptions): Promise<DatasetProfile>;
  /** Lists the runs that read a version, newest first. */
  runs(input: DatasetRunsInput, options?: CallOptions): Promise<DatasetRuns>;
  /** Lists what was made with a version or names it: runs, models, pipelines, gates, tags, branches. */
  uses(input: DatasetUsesInput, options?: CallOptions): Promise<DatasetUses>;
  /** Reads every file of a version and names those whose content is damaged or gone. */
  verify(input: DatasetVerifyInput, options?: CallOptions): Promise<DatasetVerify>;
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
    diff: ({ dataset, ...query }, options) =>
      send({ method: 'GET', path: `/datasets/${encodeURIComponent(dataset)}/diff`, query, options }),
    expire: ({ dataset, ...body }, options) =>
      send({ method: 'POST', path: `/datasets/${encodeURIComponent(dataset)}/expire`, body, options }),
    files: ({ dataset, version, ...query }, options) =>
      send({
        method: 'GET',
        path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}/files`,
        query,
        options,
      }),
    list: (query, options) => send({ method: 'GET', path: '/datasets', query, options }),
    manifest: ({ dataset, version }, options) =>
      send({ method: 'GET', path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}/manifest`, options }),
    profile: ({ dataset, version, ...query }, options) =>
      send({
        method: 'GET',
        path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}/profile`,
        query,
        options,
      }),
    runs: ({ dataset, version, ...query }, options) =>
      send({
        method: 'GET',
        path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}/runs`,
        query,
        options,
      }),
    uses: ({ dataset, version, ...query }, options) =>
      send({
        method: 'GET',
        path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}/uses`,
        query,
        options,
      }),
    verify: ({ dataset, version, ...body }, options) =>
      send({
        method: 'POST',
        path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}/verify`,
        body,
        options,
      }),
    version: ({ dataset, version }, options) =>
      send({ method: 'GET', path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}`, options }),
    versions: ({ dataset, ...query }, options) =>
      send({ method: 'GET', path: `/datasets/${encodeURIComponent(dataset)}/versions`, query, options }),
  };
}
