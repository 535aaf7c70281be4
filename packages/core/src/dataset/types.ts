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
  readonly parent: number | null;
  readonly status: DatasetStatus;
  /** The task whose declared output it is. */
  readonly task: string | null;
}

/** A version named exactly. Written `name:version`. */
export interface DatasetRef {
  readonly dataset: string;
  readonly version: number;
}
