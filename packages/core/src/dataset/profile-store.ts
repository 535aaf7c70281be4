import type { Digest } from '../ports/digest.ts';
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
}

export interface ProfileStore extends ProfileReader {
  /** No-op when it is there. */
  put(table: ProfiledTable, profile: TableProfile): Promise<void>;
}
