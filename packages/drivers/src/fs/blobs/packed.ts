import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { fault } from '@pawl/core/content';
import type { Digest, NamedBytes } from '@pawl/core';
import { hashSha256 } from '../../clock/sha256.ts';
import { toReadFault } from '../reason.ts';
import type { PackPlace, Packs } from './packs.ts';

/** Bytes read at once, where contents lie side by side. */
const RUN = 1024 * 1024;

/** Reads one packed content, verified, from whichever pack has it intact; undefined when none has it. Throws `blob_corrupt`. */
export async function readPacked(packs: Packs, digest: Digest): Promise<Uint8Array | undefined> {
  let found: string | undefined;
  for (const { pack, offset, length } of packs.find(digest)) {
    const bytes = await withFile(pack.path, (file) => readAt(file, offset, length));
    const is = bytes === undefined ? undefined : hashSha256(bytes);
    if (is === digest) return bytes;
    found ??= is;
  }
  if (found !== undefined) throw fault('blob_corrupt', { digest, found });
  return undefined;
}

/** Reads many, those that lie together in one go; in the order of the packs. What is not intact there is left to `readPacked`. */
export async function* readPackedRuns(
  wanted: readonly (readonly [Digest, PackPlace])[],
): AsyncGenerator<NamedBytes | { readonly digest: Digest; readonly bytes: undefined }> {
  for (const inPack of Map.groupBy(wanted, ([, place]) => place.pack.path).values()) {
    const sorted = inPack.toSorted(([, a], [, b]) => a.offset - b.offset);
    const path = sorted[0]?.[1].pack.path ?? '';
    const file = await open(path, 'r').catch(() => undefined);
    try {
      for (let at = 0; at < sorted.length;) {
        const start = sorted[at]?.[1].offset ?? 0;
        let next = at;
        let end = start;
        for (; next < sorted.length; next += 1) {
          const place = sorted[next]?.[1];
          if (place === undefined || (next > at && place.offset + place.length - start > RUN)) break;
          end = Math.max(end, place.offset + place.length);
        }
        const run = file === undefined ? undefined : await readAt(file, start, end - start);
        for (const [digest, { offset, length }] of sorted.slice(at, next)) {
          const bytes = run?.subarray(offset - start, offset - start + length);
          yield bytes !== undefined && hashSha256(bytes) === digest ? { digest, bytes } : { digest, bytes: undefined };
        }
        at = next;
      }
    } finally {
      await file?.close();
    }
  }
}

/** As many bytes as there are, which may be fewer: then they will not hash to their name. */
async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** Undefined when the file has gone, as packs do in a sweep by another process. */
async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw toReadFault('a pack of stored content', error);
  }
  try {
    return await work(file);
  } catch (error) {
    throw toReadFault('a pack of stored content', error);
  } finally {
    await file.close();
  }
}
