import type { Digest, FaultCode } from '@pawl/core';
import type { LinkKind } from '../fs/blobs/store-writer.ts';

/** What threads are made for. */
export interface ThreadStart {
  /** The store on this machine that files go to and come from. */
  readonly store: { readonly root: string; readonly links: readonly LinkKind[] } | undefined;
}

export interface SourceFile {
  readonly absolute: string;
  readonly size: number;
}

/** Where a content goes. */
export interface Target {
  readonly digest: Digest;
  readonly size: number;
  readonly files: readonly { readonly absolute: string; readonly mode: number; readonly index: number }[];
}

/** Of each file of the targets, in their order: inode and time (ns) as it was written; zeros for a large one. */
export interface PlacedFiles {
  readonly stamps: BigUint64Array;
}

export type Job =
  /** Digests of files; with a store, their content goes there too. */
  | { readonly kind: 'take'; readonly files: readonly (SourceFile & { readonly before: Digest | undefined })[] }
  /** Digests of files, which go nowhere. */
  | { readonly kind: 'digest'; readonly files: readonly SourceFile[] }
  /** Makes what was taken part of the store. */
  | { readonly kind: 'publish' }
  /** Files as the body of a message. */
  | { readonly kind: 'pack'; readonly files: readonly (SourceFile & { readonly digest: Digest })[] }
  /** The pieces of a large file, and those of them that are wanted as the body of a message. */
  | { readonly kind: 'cut'; readonly file: SourceFile }
  /** Writes contents that came in a message. `fresh`: into a folder that nobody knows of yet, so that no half file can be met. */
  | {
      readonly kind: 'write';
      readonly fresh: boolean;
      readonly contents: readonly { readonly target: Target; readonly bytes: Uint8Array }[];
    }
  /** Writes contents out of the store. */
  | { readonly kind: 'place'; readonly fresh: boolean; readonly targets: readonly Target[] };

export type JobResult = {
  take: { readonly digests: readonly Digest[] };
  digest: { readonly digests: readonly Digest[] };
  publish: { readonly stored: number; readonly bytes: number };
  pack: { readonly body: Uint8Array };
  cut: { readonly digest: Digest; readonly pieces: readonly { readonly digest: Digest; readonly size: number; readonly offset: number }[] };
  write: PlacedFiles;
  place: PlacedFiles;
};

export interface JobRequest {
  readonly id: number;
  readonly job: Job;
}

export type JobReply =
  | { readonly id: number; readonly result: JobResult[Job['kind']] }
  | { readonly id: number; readonly fault: { readonly code: FaultCode; readonly details: object } }
  | { readonly id: number; readonly problem: string };
