import { createHash } from 'node:crypto';
import type { Digest } from '@pawl/core';

/** A digest in the making: bytes go in piece by piece, in order. */
export interface DigestStream {
  update(bytes: Uint8Array): void;
  /** Ends it: no update may follow. */
  end(): Digest;
}

/** SHA-256 over a stream of bytes, for content too large to hold. */
export function createDigestStream(): DigestStream {
  const hash = createHash('sha256');
  return {
    update: (bytes) => void hash.update(bytes),
    end: () => `sha256:${hash.digest('hex')}`,
  };
}

/** The Hash port: SHA-256 of text (as UTF-8) or bytes. */
export function hashSha256(data: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}
