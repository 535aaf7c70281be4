// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';

export interface BlobCutInput {
  readonly digest: string;
}

export interface BlobCut {
  readonly pieces: readonly {
    readonly digest: string;
    readonly size: number;
  }[];
}

export interface BlobJoinInput {
  readonly digest: string;
  readonly pieces: readonly {
    readonly digest: string;
    readonly size: number;
  }[];
}

export interface BlobJoin {
  readonly digest: string;
  readonly size: number;
}

export interface BlobMissingInput {
  readonly digests: readonly string[];
}

export interface BlobMissing {
  readonly missing: readonly string[];
}

export interface BlobClient {
  /** Cuts a stored content into its pieces, which are content too from then on: a new version of it can be sent by what is new in it. */
  cut(input: BlobCutInput, options?: CallOptions): Promise<BlobCut>;
  /** Makes a large content known by its pieces, which are stored already. It is read and verified. */
  join(input: BlobJoinInput, options?: CallOptions): Promise<BlobJoin>;
  /** Tells which of the digests are not stored yet, so that only those are sent. */
  missing(input: BlobMissingInput, options?: CallOptions): Promise<BlobMissing>;
}

export function createBlobClient(send: Send): BlobClient {
  return {
    cut: ({ digest }, options) => send({ method: 'POST', path: `/blobs/${encodeURIComponent(digest)}/pieces`, options }),
    join: ({ digest, ...body }, options) => send({ method: 'PUT', path: `/blobs/${encodeURIComponent(digest)}/pieces`, body, options }),
    missing: (body, options) => send({ method: 'POST', path: '/blobs/missing', body, options }),
  };
}
