import type { Digest } from '../ports/digest.ts';

/** Why something that could go stays: what refers to it. */
export interface Hold {
  /** As in the report, such as `model version`. */
  readonly kind: string;
  readonly name: string;
}

/** One thing that a collection may remove. */
export interface Garbage {
  /** Of its kind; for content that belongs to it see `toOwner`. */
  readonly id: string;
  readonly name: string;
  /** When it was deleted, epoch ms; null for what nobody deletes by name. */
  readonly deletedAt: number | null;
}

export interface GcOptions {
  /** What was deleted at least this long ago goes. */
  readonly olderThanMs: number;
  /** Content that was put or asked for within this time stays, whoever refers to it: an upload may be about to. */
  readonly graceMs: number;
  readonly dryRun: boolean;
}

/** What a collection did, or would do, with one kind. */
export interface GcLine {
  readonly kind: string;
  readonly removed: number;
  /** Bytes; 0 for rows of the database, whose files are counted as content. */
  readonly bytes: number;
  /** Could go, and stays because something refers to it. */
  readonly held: number;
  /** The first of what goes and of what stays, by name. */
  readonly examples: readonly GcExample[];
}

export interface GcExample {
  readonly id: string;
  readonly name: string;
  /** Null when it goes. */
  readonly hold: Hold | null;
}

export type GcState = 'running' | 'done' | 'failed';

/** One collection, under way or ended. */
export interface GcRun {
  readonly id: string;
  readonly options: GcOptions;
  readonly state: GcState;
  /** What it is at, for people. */
  readonly phase: string;
  readonly lines: readonly GcLine[];
  /** Content that nothing refers to and that is younger than the grace period. */
  readonly waiting: { readonly count: number; readonly bytes: number };
  /** Content that stays, bytes and count. */
  readonly kept: { readonly count: number; readonly bytes: number };
  /** Why it failed; empty otherwise. */
  readonly problem: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly actor: string;
}

/** A digest that some record names, and whose record that is (`run/<id>`, `model/<id>`, `dataset/<name>/<version>`), where a collection could remove it. */
export interface OwnedDigest {
  readonly owner: string;
  readonly digest: Digest;
}
