import type { Digest } from '../ports/digest.ts';
import type { Page, PageRequest } from '../ports/page.ts';
import type { Dataset, DatasetRef, DatasetStatus, DatasetVersion } from './types.ts';

export interface DatasetReader {
  get(name: string): Promise<Dataset | undefined>;
  list(page: PageRequest): Promise<Page<Dataset>>;
  version(ref: DatasetRef): Promise<DatasetVersion | undefined>;
  latest(name: string): Promise<DatasetVersion | undefined>;
  /** Newest version of the dataset with exactly these files. */
  byManifest(name: string, manifest: Digest): Promise<DatasetVersion | undefined>;
  /** Newest first. */
  versions(name: string, page: PageRequest): Promise<Page<DatasetVersion>>;
}

export interface DatasetStore extends DatasetReader {
  /** No-op when it exists. */
  create(dataset: Dataset): Promise<void>;
  /** False when that version number is taken (somebody else was first). */
  insertVersion(version: DatasetVersion): Promise<boolean>;
  setStatus(ref: DatasetRef, status: DatasetStatus): Promise<void>;
}
