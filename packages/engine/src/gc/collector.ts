import type { Garbage, Hold } from '@pawl/core';
import type { Condemned } from './references.ts';

export interface FindOptions {
  readonly now: number;
  readonly olderThanMs: number;
  /** What is removed before it in this collection; a rehearsal has it still there. */
  readonly condemned: Condemned;
}

/** Something that a collection removes for good, one at a time. */
export interface Collector {
  /** As in the report: `run`, `experiment`. */
  readonly kind: string;
  /** What may go, with what keeps it, if anything. */
  find(options: FindOptions): AsyncIterable<Found>;
  /** In a transaction of its own, which asks again whether it may go; false when it may not, or is gone. */
  remove(garbage: Garbage): Promise<boolean>;
  /** After all were removed: what is left of them. */
  finish?(): Promise<void>;
}

export interface Found {
  readonly garbage: Garbage;
  readonly hold: Hold | undefined;
  /** What of `BlobReferences` it owns. */
  readonly owner?: string;
  /** Bytes that go with it at once; content of the blob store is counted there. */
  readonly bytes?: number;
}
