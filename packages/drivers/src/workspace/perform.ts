import { closeSync, fchmodSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { encodeFrame, fault } from '@pawl/core/content';
import type { Blobs, Digest } from '@pawl/core';
import { fromKey } from '../fs/blobs/address.ts';
import { createFsBlobs } from '../fs/blobs/blobs.ts';
import { chunksOfFile } from '../fs/blobs/chunks.ts';
import { PACKED_UP_TO, createStoreWriter, hashBytes, hashFile, place } from '../fs/blobs/store-writer.ts';
import type { LinkKind } from '../fs/blobs/store-writer.ts';
import { toReadFault, toWriteFault } from '../fs/reason.ts';
import type { Job, JobResult, SourceFile, Target, ThreadStart } from './job.ts';

export interface Performer {
  perform<Kind extends Job['kind']>(job: Extract<Job, { kind: Kind }>): Promise<JobResult[Kind]>;
}

/** Does the work on files, in a thread that does nothing else: synchronous calls, because for many small files the waiting costs more than the work. */
export function createPerformer({ store }: ThreadStart): Performer {
  const buffer = Buffer.allocUnsafe(PACKED_UP_TO + 1);
  const writer = store && createStoreWriter(store.root, { links: store.links, synced: false });
  let blobs: Blobs | undefined;

  const small = (file: SourceFile): Buffer => readSmall(file, buffer);

  const work: { [Kind in Job['kind']]: (job: Extract<Job, { kind: Kind }>) => Promise<JobResult[Kind]> } = {
    async take({ files }) {
      const digests: Digest[] = [];
      for (const file of files) {
        if (file.size > PACKED_UP_TO) {
          digests.push(writer === undefined ? await hashFile(file.absolute) : (await writer.addFile(file.absolute, file.before)).digest);
          continue;
        }
        const bytes = small(file);
        const key = hashBytes(bytes);
        digests.push(fromKey(key));
        await writer?.addBytes(key, bytes);
      }
      return { digests };
    },
    async digest({ files }) {
      const digests: Digest[] = [];
      for (const file of files) digests.push(file.size > PACKED_UP_TO ? await hashFile(file.absolute) : fromKey(hashBytes(small(file))));
      return { digests };
    },
    async publish() {
      return (await writer?.publish()) ?? { stored: 0, bytes: 0 };
    },
    async pack({ files }) {
      const frames = files.map((file) => {
        const bytes = small(file);
        if (fromKey(hashBytes(bytes)) !== file.digest) throw changed(file);
        return encodeFrame({ digest: file.digest, bytes });
      });
      return { body: Buffer.concat(frames) };
    },
    async cut({ file }) {
      const pieces = [];
      const chunks = chunksOfFile(file.absolute);
      let next = await chunks.next();
      for (; next.done !== true; next = await chunks.next()) {
        const { key, offset, bytes } = next.value;
        pieces.push({ digest: fromKey(key), size: bytes.length, offset });
      }
      if (next.value.size !== file.size) throw changed(file);
      return { digest: fromKey(next.value.key), pieces };
    },
    async write({ contents, fresh }) {
      const stamps = createStamps(contents.map(({ target }) => target));
      for (const { target, bytes } of contents) {
        const found = fromKey(hashBytes(bytes));
        if (found !== target.digest) throw fault('blob_corrupt', { digest: target.digest, found });
        writeTarget(target, bytes, fresh, stamps);
      }
      return { stamps: stamps.values };
    },
    async place({ targets, fresh }) {
      if (store === undefined) throw new Error('this thread has no store');
      blobs ??= createFsBlobs({ root: store.root });
      const stamps = createStamps(targets);
      const byDigest = new Map(targets.filter(({ size }) => size <= PACKED_UP_TO).map((target) => [target.digest, target]));
      for await (const { digest, bytes } of blobs.readMany(Array.from(byDigest.keys()))) {
        const target = byDigest.get(digest);
        if (target !== undefined) writeTarget(target, bytes, fresh, stamps);
      }
      for (const target of targets) if (!byDigest.has(target.digest)) await placeLarge(blobs, target, store.links);
      return { stamps: stamps.values };
    },
  };
  return { perform: (job) => (work[job.kind] as (job: Job) => Promise<never>)(job) };
}

const changed = ({ absolute }: SourceFile): Error => fault('file_unreadable', { path: absolute, reason: 'it changed while it was read' });

/** All of a file that is not larger than it was found to be. The bytes are those of a buffer that the next call uses again. */
function readSmall(file: SourceFile, buffer: Buffer): Buffer {
  let descriptor: number | undefined;
  let filled = 0;
  try {
    descriptor = openSync(file.absolute, 'r');
    for (let count = -1; count !== 0 && filled < buffer.length; filled += count) {
      count = readSync(descriptor, buffer, filled, buffer.length - filled, null);
      if (filled + count === file.size) {
        filled += count;
        break;
      }
    }
  } catch (error) {
    throw toReadFault(file.absolute, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  if (filled !== file.size) throw changed(file);
  return buffer.subarray(0, filled);
}

interface Stamps {
  readonly values: BigUint64Array;
  /** Where those of a target begin. */
  readonly first: ReadonlyMap<Digest, number>;
}

function createStamps(targets: readonly Target[]): Stamps {
  const first = new Map<Digest, number>();
  let count = 0;
  for (const { digest, files } of targets) {
    first.set(digest, count);
    count += files.length * 2;
  }
  return { values: new BigUint64Array(count), first };
}

function writeTarget({ digest, files }: Target, bytes: Uint8Array, fresh: boolean, { values, first }: Stamps): void {
  let at = first.get(digest) ?? 0;
  for (const { absolute, mode } of files) {
    const { ino, mtimeNs } = writeSmall(absolute, mode, bytes, fresh);
    values[at] = ino;
    values[at + 1] = mtimeNs;
    at += 2;
  }
}

/** In place of what may be there; by its name whole or not at all, but in a fresh folder. */
function writeSmall(absolute: string, mode: number, bytes: Uint8Array, fresh: boolean): BigIntStats {
  const aside = fresh ? absolute : join(dirname(absolute), `.pawl-${randomUUID()}.part`);
  try {
    const file = openSync(aside, 'wx', mode);
    let is: BigIntStats;
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at);
      is = fstatSync(file, { bigint: true });
      if ((Number(is.mode) & 0o777) !== mode) fchmodSync(file, mode);
    } finally {
      closeSync(file);
    }
    if (!fresh) renameSync(aside, absolute);
    return is;
  } catch (error) {
    rmSync(aside, { force: true });
    throw toWriteFault(absolute, error);
  }
}

async function placeLarge(blobs: Blobs, { digest, files }: Target, links: readonly LinkKind[]): Promise<void> {
  const source = await blobs.looseFile(digest);
  for (const { absolute, mode } of files) {
    if (source === undefined) {
      await blobs.materialize(digest, absolute, mode);
      continue;
    }
    const aside = join(dirname(absolute), `.pawl-${randomUUID()}.part`);
    try {
      const placing = place(source, aside, links);
      const hashing = hashFile(source);
      await Promise.allSettled([placing, hashing]);
      const kind = await placing;
      const found = await hashing;
      if (found !== digest) throw fault('blob_corrupt', { digest, found });
      // A file that is shared with the store may not be written to by anybody.
      await chmod(aside, kind === 'hardlink' ? 0o444 | (mode & 0o111) : mode);
      await rename(aside, absolute);
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  }
}
