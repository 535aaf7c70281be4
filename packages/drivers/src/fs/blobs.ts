import { createReadStream } from 'node:fs';
import { constants, chmod, copyFile, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { fault } from '@pawl/core';
import type { Blobs, ByteRange, Digest, StoredBlob } from '@pawl/core';
import { createDigestStream, hashSha256 } from '../clock/sha256.ts';
import { createIncoming } from './incoming.ts';
import { listBlobs, removeBlob } from './blob-removal.ts';
import { toErrorCode, toReadFault, toWriteFault } from './reason.ts';

export interface FsBlobsOptions {
  /** Folder that holds the content; made at the first put. */
  readonly root: string;
}

const DIGEST = /^sha256:([0-9a-f]{2})([0-9a-f]{62})$/;
const READ_ONLY = 0o444;

/**
 * Content-addressed files in 256 folders by the first two digits of the digest. Bytes are written aside, synced, and renamed into place, so a name never stands
 * for half of its content, whatever dies when. Reading trusts nothing: what does not hash to its name is `blob_corrupt`, and putting the same content again mends it.
 */
export function createFsBlobs(options: FsBlobsOptions): Blobs {
  const root = resolve(options.root);
  const incoming = createIncoming(join(root, 'incoming'));

  /** Undefined when the text is no digest; then nothing can be stored under it. */
  function pathOf(digest: Digest): string | undefined {
    const match = DIGEST.exec(digest);
    return match?.[1] === undefined || match[2] === undefined ? undefined : join(root, 'sha256', match[1], match[2]);
  }

  function requirePath(digest: Digest): string {
    const path = pathOf(digest);
    if (path === undefined) throw fault('blob_not_found', { digest });
    return path;
  }

  function readFault(digest: Digest, error: unknown): Error {
    const code = toErrorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? fault('blob_not_found', { digest }, error)
      : toReadFault(`stored content ${digest}`, error);
  }

  async function* chunksOf(digest: Digest): AsyncGenerator<Uint8Array> {
    const path = requirePath(digest);
    const hash = createDigestStream();
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
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

  async function* partOf(digest: Digest, { start, end }: ByteRange): AsyncGenerator<Uint8Array> {
    const path = requirePath(digest);
    if (end <= start) return;
    try {
      for await (const chunk of createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024 })) yield chunk as Uint8Array;
    } catch (error) {
      throw readFault(digest, error);
    }
  }

  async function isIntact(digest: Digest): Promise<boolean> {
    try {
      for await (const chunk of chunksOf(digest)) void chunk;
      return true;
    } catch {
      return false;
    }
  }

  async function exists(digest: Digest): Promise<boolean> {
    const path = pathOf(digest);
    if (path === undefined) return false;
    try {
      return (await stat(path)).isFile();
    } catch {
      return false;
    }
  }

  /** Renewed before the answer: a collection that runs at the same time then leaves it, or has taken it and the answer is no. */
  async function has(digest: Digest): Promise<boolean> {
    const path = pathOf(digest);
    if (path === undefined) return false;
    try {
      const now = new Date();
      await utimes(path, now, now);
      return true;
    } catch (error) {
      // Somebody else's file, on a disk that several accounts share: it is there all the same.
      return toErrorCode(error) === 'EPERM' && (await exists(digest));
    }
  }

  async function putStream(source: AsyncIterable<Uint8Array>, expected?: Digest): Promise<StoredBlob> {
    const written = await incoming.write(source);
    try {
      if (expected !== undefined && written.digest !== expected) throw fault('digest_mismatch', { expected, found: written.digest });
      const path = requirePath(written.digest);
      await incoming.publish(written.path, path, READ_ONLY);
      return { digest: written.digest, size: written.size };
    } catch (error) {
      await rm(written.path, { force: true });
      throw error;
    }
  }

  async function put(bytes: Uint8Array): Promise<StoredBlob> {
    const digest = hashSha256(bytes);
    if ((await isIntact(digest)) && (await has(digest))) return { digest, size: bytes.length };
    return putStream(once(bytes));
  }

  async function putFile(path: string): Promise<StoredBlob> {
    const hash = createDigestStream();
    let size = 0;
    for await (const bytes of fileChunks(path)) {
      hash.update(bytes);
      size += bytes.length;
    }
    const digest = hash.end();
    if ((await isIntact(digest)) && (await has(digest))) return { digest, size };
    // Not told which digest to expect: a file that grew in between is stored as what was read, under its own digest.
    return putStream(fileChunks(path));
  }

  async function read(digest: Digest): Promise<Uint8Array> {
    const path = requirePath(digest);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (error) {
      throw readFault(digest, error);
    }
    const found = hashSha256(bytes);
    if (found !== digest) throw fault('blob_corrupt', { digest, found });
    return bytes;
  }

  async function localPath(digest: Digest): Promise<string> {
    if (!(await exists(digest))) throw fault('blob_not_found', { digest });
    return requirePath(digest);
  }

  async function materialize(digest: Digest, path: string, mode: number): Promise<void> {
    const source = await localPath(digest);
    const aside = `${path}.${randomUUID()}.part`;
    try {
      await mkdir(dirname(path), { recursive: true });
      // A copy-on-write clone where the disk can, else a copy: never a hard link, because whoever gets the file may write to it.
      await copyFile(source, aside, constants.COPYFILE_FICLONE);
    } catch (error) {
      await rm(aside, { force: true }).catch(() => undefined);
      throw toWriteFault(path, error);
    }
    try {
      const hash = createDigestStream();
      for await (const bytes of fileChunks(aside)) hash.update(bytes);
      const found = hash.end();
      if (found !== digest) throw fault('blob_corrupt', { digest, found });
      await chmod(aside, mode & 0o777).catch((error: unknown) => Promise.reject(toWriteFault(path, error)));
      await rename(aside, path).catch((error: unknown) => Promise.reject(toWriteFault(path, error)));
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  }

  return {
    put,
    putStream,
    putFile,
    has,
    read,
    stream: chunksOf,
    streamRange: partOf,
    localPath,
    materialize,
    list: () => listBlobs(join(root, 'sha256')),
    async remove(digest, idleMs) {
      const path = pathOf(digest);
      return path !== undefined && removeBlob(path, join(root, 'incoming', randomUUID()), idleMs);
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    const file = await open(path, 'r');
    for await (const chunk of file.createReadStream({ highWaterMark: 256 * 1024 })) yield chunk as Uint8Array;
  } catch (error) {
    throw toReadFault(path, error);
  }
}
