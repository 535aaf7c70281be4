import type { Digest } from './digest.ts';

export interface StoredBlob {
  readonly digest: Digest;
  readonly size: number;
}

/** Content-addressed bytes (SHA-256). A put is atomic and durable when it resolves; putting the same bytes twice stores them once. */
export interface Blobs {
  put(bytes: Uint8Array): Promise<StoredBlob>;
  /** Streams in; with `expected`, refuses other content (`digest_mismatch`) and stores nothing. */
  putStream(source: AsyncIterable<Uint8Array>, expected?: Digest): Promise<StoredBlob>;
  putFile(path: string): Promise<StoredBlob>;
  /** Finding content counts as putting it: whoever is told that it is there may refer to it, and it is not collected from under them. */
  has(digest: Digest): Promise<boolean>;
  /** Throws `blob_not_found`. */
  read(digest: Digest): Promise<Uint8Array>;
  /** Streams out, verifying; ends with `blob_corrupt` when the bytes do not hash to the digest. */
  stream(digest: Digest): AsyncIterable<Uint8Array>;
  /** Streams a part out; a part cannot be verified. Throws `blob_not_found`. */
  streamRange(digest: Digest, range: ByteRange): AsyncIterable<Uint8Array>;
  /** A local read-only path of the content, for readers that want a file (DuckDB, ONNX Runtime). Throws `blob_not_found`. */
  localPath(digest: Digest): Promise<string>;
  /** Writes the content at `path` with `mode` (copy or link), verified, making parent folders. */
  materialize(digest: Digest, path: string, mode: number): Promise<void>;
  /** Everything stored, in no order. */
  list(): AsyncIterable<ListedBlob>;
  /** Removes content that nobody has put, or asked `has` for, within `idleMs`; false when somebody has, or it is not there. */
  remove(digest: Digest, idleMs: number): Promise<boolean>;
}

export interface ListedBlob extends StoredBlob {
  /** Time since it was last put or found by `has`, by the store's own clock. */
  readonly idleMs: number;
}

/** Part of some content: from byte `start`, up to and without byte `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ScannedFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly absolute: string;
  readonly size: number;
  readonly mode: number;
}

/** Local folders the engine works in: scratch space of tasks and trees of files to store. */
export interface Folders {
  /** All regular files under a file or folder, sorted by path; links are followed only inside the root. Throws `file_unreadable`. */
  scan(root: string): Promise<readonly ScannedFile[]>;
  /** Makes an empty scratch folder under the home, named for its use; an older one of that name is emptied. */
  scratch(name: string): Promise<string>;
  /** Removes a file or folder under the home, if it is there; throws `path_unsafe` for any other. */
  remove(path: string): Promise<void>;
  join(...parts: readonly string[]): string;
  read(path: string): Promise<Uint8Array>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  exists(path: string): Promise<boolean>;
}
