import type { Digest } from '../ports/digest.ts';
import type { Page, PageRequest } from '../ports/page.ts';
import type { TableProfile } from './profile.ts';
import type { TableFormat } from './types.ts';

/** A table of a version, known by the files it is made of: versions with the same files have the same profile. */
export interface ProfiledTable {
  readonly manifest: Digest;
  readonly folder: string;
  readonly format: TableFormat;
}

export interface ProfileReader {
  profile(table: ProfiledTable): Promise<TableProfile | undefined>;
  /** Of files that no version holds which still has its content, with the bytes that their profiles take; by manifest. */
  unused(page: PageRequest): Promise<Page<UnusedProfile>>;
}

export interface UnusedProfile {
  readonly manifest: Digest;
  readonly bytes: number;
}

export interface ProfileStore extends ProfileReader {
  /** No-op when it is there. */
  put(table: ProfiledTable, profile: TableProfile): Promise<void>;
  /** False when a version holds those files after all, or there is none. */
  removeUnused(manifest: Digest): Promise<boolean>;
}
