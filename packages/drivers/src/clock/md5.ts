import { createHash } from 'node:crypto';
import type { Checksum } from '@pawl/core';

/** The Md5 port. */
export function createMd5(): Checksum {
  const hash = createHash('md5');
  return { update: (bytes) => void hash.update(bytes), end: () => hash.digest('hex') };
}
