// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { VersionSource } from './types.ts';

export interface BranchBeginInput {
  readonly dataset: string;
  readonly branch: string;
  /** A number, a tag, a branch, or `latest`. */
  readonly from?: (number | string) | undefined;
}

export interface BranchBegin {
  readonly dataset: string;
  readonly name: string;
  /** The version it began at. */
  readonly base: number;
  /** The version that the next one is made upon. */
  readonly head: number;
  readonly author: string;
  readonly created_at: string;
}

export interface BranchListInput {
  readonly dataset: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface BranchList {
  readonly items: readonly BranchBegin[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface BranchMergeInput {
  readonly dataset: string;
  readonly branch: string;
  readonly into?: string | undefined;
  /** Whose file is taken where both changed one: `theirs` is the branch that is merged. */
  readonly prefer?: 'ours' | 'theirs' | undefined;
  readonly message?: string | undefined;
}

export interface BranchMerge {
  /** False when there was nothing to bring. */
  readonly created: boolean;
  /** The newest version that both come from. */
  readonly base: number | null;
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

export interface BranchRemoveInput {
  readonly dataset: string;
  readonly branch: string;
}

export interface BranchClient {
  /** Begins a branch at a version; nothing is copied. */
  begin(input: BranchBeginInput, options?: CallOptions): Promise<BranchBegin>;
  /** Lists the branches of a dataset, the main one first. */
  list(input: BranchListInput, options?: CallOptions): Promise<BranchList>;
  /** Brings what changed on the branch into another one, as a new version of that; refuses where both changed the same file. */
  merge(input: BranchMergeInput, options?: CallOptions): Promise<BranchMerge>;
  /** Forgets the name of a branch; its versions stay. */
  remove(input: BranchRemoveInput, options?: CallOptions): Promise<Readonly<Record<string, never>>>;
}

export function createBranchClient(send: Send): BranchClient {
  return {
    begin: ({ dataset, branch, ...body }, options) =>
      send({ method: 'PUT', path: `/datasets/${encodeURIComponent(dataset)}/branches/${encodeURIComponent(branch)}`, body, options }),
    list: ({ dataset, ...query }, options) =>
      send({ method: 'GET', path: `/datasets/${encodeURIComponent(dataset)}/branches`, query, options }),
    merge: ({ dataset, branch, ...body }, options) =>
      send({
        method: 'POST',
        path: `/datasets/${encodeURIComponent(dataset)}/branches/${encodeURIComponent(branch)}/merge`,
        body,
        options,
      }),
    remove: ({ dataset, branch }, options) =>
      send({ method: 'DELETE', path: `/datasets/${encodeURIComponent(dataset)}/branches/${encodeURIComponent(branch)}`, options }),
  };
}
