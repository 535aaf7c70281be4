import { createReadStream, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fault } from '@pawl/core/content';
import type { ByteRange, Digest } from '@pawl/core';
import { createDigestStream, hashSha256 } from '../../clock/sha256.ts';
import { toErrorCode, toReadFault } from '../reason.ts';
import { LOOSE, addressOf } from './address.ts';

/** Contents in a file of their own. Each method is undefined, or false, when the digest has none. */
export interface Loose {
  pathOf(digest: Digest): string | undefined;
  has(digest: Digest): boolean;
  /** Verified. */
  read(digest: Digest): Promise<Uint8Array | undefined>;
  /** Verified at its end. */
  stream(path: string, digest: Digest): AsyncGenerator<Uint8Array>;
  /** A part cannot be verified. */
  part(path: string, digest: Digest, range: ByteRange): AsyncGenerator<Uint8Array>;
}

const READ_BYTES = 256 * 1024;

export function createLoose(root: string): Loose {
  function pathOf(digest: Digest): string | undefined {
    const path = addressOf(root, LOOSE, digest);
    if (path === undefined) return undefined;
    try {
      return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : undefined;
    } catch {
      return undefined;
    }
  }

  function readFault(digest: Digest, error: unknown): Error {
    const code = toErrorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? fault('blob_not_found', { digest }, error)
      : toReadFault(`stored content ${digest}`, error);
  }

  async function* stream(path: string, digest: Digest): AsyncGenerator<Uint8Array> {
    const hash = createDigestStream();
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
        const bytes = chunk as Uint8Array;
        hash.update(bytes);
        yield bytes;
      }
    } catch (error) {
      throw readFault(digest, error);
    }
    const found = hash.end();
    if (found !== digest) throw fault('blob_corrupt', { digest, found });
  }

  return {
    pathOf,
    stream,
    has: (digest) => pathOf(digest) !== undefined,
    async read(digest) {
      const path = pathOf(digest);
      if (path === undefined) return undefined;
      const bytes = await readFile(path).catch((error: unknown) => Promise.reject(readFault(digest, error)));
      const found = hashSha256(bytes);
      if (found !== digest) throw fault('blob_corrupt', { digest, found });
      return bytes;
    },
    async *part(path, digest, { start, end }) {
      if (end <= start) return;
      try {
        for await (const chunk of createReadStream(path, { start, end: end - 1, highWaterMark: READ_BYTES })) yield chunk as Uint8Array;
      } catch (error) {
        throw readFault(digest, error);
      }
    },
  };
}
