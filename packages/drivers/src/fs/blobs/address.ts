import { join } from 'node:path';
import { fault } from '@pawl/core/content';
import type { Digest } from '@pawl/core';

/** The layout below a store's root. */
export const LOOSE = 'sha256';
export const PACKS = 'packs';
export const PIECES = 'pieces';
export const EXTRACTED = 'extracted';
export const INCOMING = 'incoming';

const DIGEST = /^sha256:([0-9a-f]{2})([0-9a-f]{62})$/;

/** Path of what is kept under a digest in one of 256 folders; undefined when the text is no digest: then nothing can be stored under it. */
export function addressOf(root: string, kind: string, digest: Digest): string | undefined {
  const match = DIGEST.exec(digest);
  return match?.[1] === undefined || match[2] === undefined ? undefined : join(root, kind, match[1], match[2]);
}

/** Throws `blob_not_found`. */
export function requireAddress(root: string, kind: string, digest: Digest): string {
  const path = addressOf(root, kind, digest);
  if (path === undefined) throw fault('blob_not_found', { digest });
  return path;
}

/** The 32 bytes of a digest. */
export function toKey(digest: Digest): Buffer {
  return Buffer.from(digest.slice(7), 'hex');
}

export function fromKey(key: Buffer): Digest {
  return `sha256:${key.toString('hex')}`;
}

/** The digest of a file of `kind` by the names of its folder and itself; undefined for a file that is none. */
export function fromAddress(folder: string, name: string): Digest | undefined {
  return /^[0-9a-f]{2}$/.test(folder) && /^[0-9a-f]{62}$/.test(name) ? `sha256:${folder}${name}` : undefined;
}
