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
  /**
   * Stores files, small ones together. A large one that is a new version of `before` takes only the room of what it has not in common with it. In the order given.
   * Throws `file_unreadable`, also for a file that changes meanwhile.
   */
  putFiles(files: readonly SourceFile[]): Promise<readonly StoredBlob[]>;
  /** Finding content counts as putting it: whoever is told that it is there may refer to it, and it is not swept from under them. */
  has(digest: Digest): Promise<boolean>;
  /** Throws `blob_not_found`. */
  read(digest: Digest): Promise<Uint8Array>;
  /** Streams out, verifying; ends with `blob_corrupt` when the bytes do not hash to the digest. */
  stream(digest: Digest): AsyncIterable<Uint8Array>;
  /** Streams a part out; a part cannot be verified. Throws `blob_not_found`. */
  streamRange(digest: Digest, range: ByteRange): AsyncIterable<Uint8Array>;
  /** A local read-only path of the content, for readers that want a file (DuckDB, ONNX Runtime). Throws `blob_not_found`. */
  localPath(digest: Digest): Promise<string>;
  /** The path of a content that is kept as one file, to link or copy it from; undefined when it is kept in another form. Unverified. */
  looseFile(digest: Digest): Promise<string | undefined>;
  /** Writes the content at `path` with `mode` (copy or link), verified, making parent folders. */
  materialize(digest: Digest, path: string, mode: number): Promise<void>;
  /** Those that are not stored, each once: `has` for many. */
  missing(digests: readonly Digest[]): Promise<readonly Digest[]>;
  /** Stores many small contents together, far faster than one by one. Each is verified (`digest_mismatch`); all are durable when it resolves. */
  putMany(contents: AsyncIterable<NamedBytes>): Promise<{ readonly stored: number; readonly bytes: number }>;
  /** Streams many small contents out, each verified, in an order that suits the store. Throws `blob_not_found`, `blob_corrupt`. */
  readMany(digests: readonly Digest[]): AsyncIterable<NamedBytes>;
  /** Stores content as its pieces (`cutChunk`): it takes only the room of those that no other content has. For what differs little from what was stored before. */
  putShared(bytes: Uint8Array): Promise<StoredBlob>;
  /**
   * Makes a large content known by its pieces, which are stored already: it takes no room of its own. Verified as a whole. Throws `blob_not_found`, `digest_mismatch`.
   */
  putPieces(digest: Digest, pieces: readonly StoredBlob[]): Promise<StoredBlob>;
  /** The pieces that a stored content is cut into by what is in it (`cutChunk`); each is content too from now on, without being stored again. Throws `blob_not_found`. */
  pieces(digest: Digest): Promise<readonly StoredBlob[]>;
  /** Where the store is, for a process on the same machine that is to write to it by itself, and a file made there just now, by which it makes sure; undefined for a store that is no folder. */
  offer(): Promise<{ readonly root: string; readonly proof: string } | undefined>;
  /** Reads every content through. Pieces count as content. */
  verify(): AsyncIterable<VerifiedBlob>;
  /**
   * Goes through everything stored and removes what is not to be kept, unless somebody has put it or asked for it within `idleMs`; with `dryRun` only tells. What others that are
   * kept are made of is kept too.
   */
  sweep(options: SweepOptions): AsyncIterable<SweptBlob>;
}

export interface SourceFile {
  readonly path: string;
  readonly before?: Digest | undefined;
}

export interface NamedBytes {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface VerifiedBlob extends StoredBlob {
  readonly intact: boolean;
}

export interface SweepOptions {
  readonly keep: (digest: Digest) => boolean;
  /** By the store's own clock; asked before each removal. */
  readonly idleMs: () => number;
  readonly dryRun: boolean;
}

/** `waiting`: nothing wants it, but it is not idle for long enough, or lies where it cannot be taken out yet. */
export interface SweptBlob extends StoredBlob {
  readonly outcome: 'kept' | 'removed' | 'waiting';
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
