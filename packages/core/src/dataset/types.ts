import type { Digest } from '../ports/digest.ts';

export interface Dataset {
  readonly name: string;
  readonly createdAt: number;
}

export interface ManifestEntry {
  /** Relative, forward slashes, no "..". */
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
  /** POSIX permission bits. */
  readonly mode: number;
}

/** The files of a version, sorted by path; stored as canonical JSON under its own digest. */
export interface Manifest {
  readonly entries: readonly ManifestEntry[];
}

export type TableFormat = 'parquet' | 'csv' | 'json';

export interface Column {
  readonly name: string;
  /** DuckDB's type name, such as BIGINT or VARCHAR. */
  readonly type: string;
}

/** One table of a version: the files of one format in one folder, read as one. */
export interface TableSummary {
  readonly folder: string;
  readonly format: TableFormat;
  readonly files: number;
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** `rejected`: a blocking check failed, so it may not feed training. */
export type DatasetStatus = 'unchecked' | 'accepted' | 'rejected';

export interface DatasetVersion {
  readonly dataset: string;
  /** 1, 2, 3, … per dataset. */
  readonly version: number;
  readonly manifest: Digest;
  readonly files: number;
  readonly bytes: number;
  readonly tables: readonly TableSummary[];
  readonly message: string;
  readonly author: string;
  readonly createdAt: number;
  /** The version that it was made upon, on its branch or where that branch began; null for the first. */
  readonly parent: number | null;
  /** The line of versions it belongs to. */
  readonly branch: string;
  /** The other version of a merge, whose branch was brought in. */
  readonly mergedFrom: number | null;
  /** How its files were made; null when somebody added files of a folder. */
  readonly source: VersionSource | null;
  readonly status: DatasetStatus;
  /** The task whose declared output it is. */
  readonly task: string | null;
  /** When its content was given up; its record stays. */
  readonly expiredAt: number | null;
}

/** The line that every dataset has, and that its bare name means. */
export const MAIN_BRANCH = 'main';

/**
 * A file that was fetched, or the answer of a query: over tables of other versions, by the names that it uses for them, or of what `source` names, which never says how one gets in.
 */
export type VersionSource =
  | { readonly kind: 'url'; readonly url: string; readonly etag: string | null; readonly digest: Digest }
  | {
      readonly kind: 'query';
      readonly sql: string;
      readonly inputs: readonly (DatasetRef & { readonly as?: string })[];
      readonly source?: string;
    };

/** A name for one version, for people and for pipelines; moved only on purpose. */
export interface DatasetTag {
  readonly dataset: string;
  readonly name: string;
  readonly version: number;
  readonly author: string;
  readonly createdAt: number;
}

/** A line of versions that began at `base`; it costs nothing until a version is added to it. */
export interface DatasetBranch {
  readonly dataset: string;
  readonly name: string;
  readonly base: number;
  readonly author: string;
  readonly createdAt: number;
}

/** A version named exactly. Written `name:version`. */
export interface DatasetRef {
  readonly dataset: string;
  readonly version: number;
}

/** Something that was made with a version, or that names it: the version's content is not given up while it does. */
export interface VersionUse {
  readonly version: number;
  readonly kind: 'run' | 'model version' | 'pipeline run' | 'gate' | 'tag' | 'branch' | 'merge';
  readonly id: string;
  /** Such as `training`; empty where there is nothing to say. */
  readonly role: string;
}
