// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { VersionSource } from './types.ts';

export interface DvcAdoptInput {
  readonly dataset: string;
  readonly name: string;
  /** Named by DVC 2, whose MD5 of a text is that of its Unix lines. */
  readonly legacy?: boolean | undefined;
  /** What a single file is called in the version. */
  readonly path: string;
  readonly message?: string | undefined;
}

export interface DvcAdopt {
  readonly created: boolean;
  readonly version: {
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
  };
}

export interface DvcMissingInput {
  readonly dataset: string;
  readonly names: readonly string[];
  /** Named by DVC 2, whose MD5 of a text is that of its Unix lines. */
  readonly legacy?: boolean | undefined;
}

export interface DvcMissing {
  readonly missing: readonly string[];
}

export interface DvcPublishInput {
  readonly dataset: string;
  /** A version number: 1, 2, 3, … */
  readonly version: number;
}

export interface DvcPublish {
  readonly md5: string;
  readonly size: number;
  readonly files: readonly {
    readonly path: string;
    readonly md5: string;
    readonly size: number;
    readonly mode: number;
  }[];
}

export interface DvcClient {
  /** Makes a version out of a DVC object that is stored: the files of a directory, or one file. */
  adopt(input: DvcAdoptInput, options?: CallOptions): Promise<DvcAdopt>;
  /** Tells which DVC objects are not stored for a dataset. */
  missing(input: DvcMissingInput, options?: CallOptions): Promise<DvcMissing>;
  /** Names the files of a version as DVC does, so that DVC can pull them from /dvc/<dataset>. */
  publish(input: DvcPublishInput, options?: CallOptions): Promise<DvcPublish>;
}

export function createDvcClient(send: Send): DvcClient {
  return {
    adopt: ({ dataset, ...body }, options) =>
      send({ method: 'POST', path: `/datasets/${encodeURIComponent(dataset)}/dvc/adopt`, body, options }),
    missing: ({ dataset, ...body }, options) =>
      send({ method: 'POST', path: `/datasets/${encodeURIComponent(dataset)}/dvc/missing`, body, options }),
    publish: ({ dataset, version }, options) =>
      send({ method: 'POST', path: `/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(version)}/dvc`, options }),
  };
}
