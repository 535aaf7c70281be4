// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';

export interface BlobMissingInput {
  readonly digests: readonly string[];
}

export interface BlobMissing {
  readonly missing: readonly string[];
}

export interface BlobClient {
  /** Tells which of the digests are not stored yet, so that only those are sent. */
  missing(input: BlobMissingInput, options?: CallOptions): Promise<BlobMissing>;
}

export function createBlobClient(send: Send): BlobClient {
  return {
    missing: (body, options) => send({ method: 'POST', path: '/blobs/missing', body, options }),
  };
}
