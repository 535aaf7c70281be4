import type { Digest } from '../ports/digest.ts';

/** Content under the name that DVC knows it by. */
export interface DvcObject {
  readonly dataset: string;
  /** MD5 in 32 hex digits, with `.dir` behind it for a directory's list. */
  readonly name: string;
  /** Named by DVC 2, where the MD5 of a text is of its lines ended as in Unix. */
  readonly legacy: boolean;
  readonly digest: Digest;
  readonly size: number;
  readonly createdAt: number;
}

/** An entry of a directory's list. */
export interface DvcTreeEntry {
  readonly md5: string;
  /** Relative, forward slashes. */
  readonly relpath: string;
}

/** What a `.dvc` file says of an output. */
export interface DvcOutput {
  /** As in `DvcObject.name`. */
  readonly md5: string;
  readonly size: number;
  /** Of a directory only. */
  readonly files: number | null;
}
