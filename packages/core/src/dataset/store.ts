import type { Page, PageRequest } from '../ports/page.ts';
import type { Dataset, DatasetBranch, DatasetRef, DatasetStatus, DatasetTag, VersionUse, DatasetVersion } from './types.ts';

export interface DatasetReader {
  get(name: string): Promise<Dataset | undefined>;
  list(page: PageRequest): Promise<Page<Dataset>>;
  version(ref: DatasetRef): Promise<DatasetVersion | undefined>;
  /** The one with the highest number, on whatever branch. */
  latest(name: string): Promise<DatasetVersion | undefined>;
  /** The newest that was added to the branch; undefined while there is none. */
  head(name: string, branch: string): Promise<DatasetVersion | undefined>;
  /** Newest first; of one branch when it is named. */
  versions(name: string, page: PageRequest, branch?: string): Promise<Page<DatasetVersion>>;
}

export interface DatasetStore extends DatasetReader {
  /** No-op when it exists. */
  create(dataset: Dataset): Promise<void>;
  /** False when that version number is taken (somebody else was first). */
  insertVersion(version: DatasetVersion): Promise<boolean>;
  setStatus(ref: DatasetRef, status: DatasetStatus): Promise<void>;
  /** Says that the content was given up; the first time stays. */
  expire(ref: DatasetRef, at: number): Promise<void>;
}

/** The names that versions and lines of versions go by. */
export interface DatasetNameReader {
  tag(dataset: string, name: string): Promise<DatasetTag | undefined>;
  /** By name. */
  tags(dataset: string): Promise<readonly DatasetTag[]>;
  branch(dataset: string, name: string): Promise<DatasetBranch | undefined>;
  /** By name. */
  branches(dataset: string): Promise<readonly DatasetBranch[]>;
}

export interface DatasetNameStore extends DatasetNameReader {
  /** Sets it, or moves it from another version. */
  putTag(tag: DatasetTag): Promise<void>;
  removeTag(dataset: string, name: string): Promise<boolean>;
  /** False when there is one of that name. */
  insertBranch(branch: DatasetBranch): Promise<boolean>;
  removeBranch(dataset: string, name: string): Promise<boolean>;
}

export interface DatasetUseReader {
  /** Everything that refers to versions of the dataset; of one version when it is named. In no order. */
  uses(dataset: string, version?: number): Promise<readonly VersionUse[]>;
}
