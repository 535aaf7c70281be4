import type { Digest } from '../ports/digest.ts';

/** Whose files they are: those of a run, those of a logged model, or the rest, which is known by path alone. */
export type ArtifactTree = `run/${string}` | `model/${string}` | 'free';

/** A file or folder in a tree; `path` is relative with forward slashes, and `''` for the tree itself. */
export interface ArtifactPlace {
  readonly tree: ArtifactTree;
  readonly path: string;
}

export interface ArtifactFile {
  readonly path: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** What lies directly in a folder. */
export interface ArtifactEntry {
  /** Last part of the path. */
  readonly name: string;
  /** Bytes of a file; null for a folder. */
  readonly size: number | null;
}

/** A file that is being sent in parts. */
export interface ArtifactUpload extends ArtifactPlace {
  readonly id: string;
  /** Who knows it may send parts. */
  readonly token: string;
  readonly createdAt: number;
}

export interface ArtifactPart {
  /** 1, 2, 3, … */
  readonly number: number;
  readonly digest: Digest;
  readonly size: number;
}
