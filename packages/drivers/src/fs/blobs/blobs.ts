import { existsSync } from 'node:fs';
import { constants, chmod, copyFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cutChunk, fault } from '@pawl/core/content';
import type { Blobs, ByteRange, Digest, NamedBytes, SourceFile, StoredBlob } from '@pawl/core';
import { createDigestStream, hashSha256 } from '../../clock/sha256.ts';
import { toReadFault, toWriteFault } from '../reason.ts';
import { EXTRACTED, INCOMING, LOOSE, PIECES, addressOf, fromKey, requireAddress, toKey } from './address.ts';
import { createIncoming } from './incoming.ts';
import { createLoose } from './loose.ts';
import { createPackWriter } from './pack-writer.ts';
import { readPacked, readPackedRuns } from './packed.ts';
import { createPacks } from './packs.ts';
import type { PackPlace } from './packs.ts';
import { createPieceLists, piecesOfRange } from './pieces.ts';
import { renew } from './removal.ts';
import { PACKED_UP_TO, createStoreWriter, hashBytes } from './store-writer.ts';
import { sweepBlobs } from './sweep.ts';
import { verifyBlobs } from './verify.ts';

export interface FsBlobsOptions {
  /** Folder that holds the content; made at the first put. */
  readonly root: string;
  /**
   * What a file put by itself survives. `power` (the default): a power cut, for two waits for the disk each. `process`: the end of this process, however it ends; after
   * a power cut what was put last may be missing or damaged, which reading tells. Packs are always synced.
   */
  readonly durability?: 'process' | 'power';
}

const READ_ONLY = 0o444;
/** Below it a list of pieces saves nothing that counts. */
const WORTH_SHARING = 1024 * 1024;
/** Files looked for on the disk before other work gets its turn. */
const SLICE = 512;

/**
 * Content-addressed bytes in a folder, in three forms: a file of its own, in 256 folders by the first two digits of the digest; many small ones together in a pack; and a large
 * one as the list of its pieces. Bytes are written aside and renamed into place, so a name never stands for half of its content, whatever dies when; any number of
 * processes may share the folder. Reading trusts nothing: what does not hash to its name is `blob_corrupt`, and putting the same content again mends it.
 */
export function createFsBlobs(options: FsBlobsOptions): Blobs {
  const root = resolve(options.root);
  const incoming = createIncoming({ folder: join(root, INCOMING), mode: READ_ONLY, synced: options.durability !== 'process' });
  // Looked at at once and then removed: it waits for no disk.
  const proofs = createIncoming({ folder: join(root, INCOMING), mode: READ_ONLY, synced: false });
  const loose = createLoose(root);
  const packs = createPacks(root);
  const lists = createPieceLists(root, packs, incoming);

  const isKept = (digest: Digest): boolean => loose.has(digest) || lists.has(digest) || packs.find(digest).length > 0;

  /** Renewed before the answer: a sweep that runs at the same time then leaves it, or has taken it and the answer is no. */
  function isFound(digest: Digest): boolean {
    const [place] = packs.find(digest);
    if (place !== undefined) packs.freshen(place.pack);
    return place !== undefined || [LOOSE, PIECES].some((kind) => renew(addressOf(root, kind, digest) ?? ''));
  }

  async function* chunksOf(digest: Digest): AsyncGenerator<Uint8Array> {
    const path = loose.pathOf(digest);
    if (path !== undefined) return yield* loose.stream(path, digest);
    const packed = await readPacked(packs, digest);
    if (packed !== undefined) return yield packed;
    const pieces = lists.read(digest);
    if (pieces === undefined) throw fault('blob_not_found', { digest });
    const hash = createDigestStream();
    for (const piece of pieces) {
      const bytes = await readPiece(digest, piece.digest);
      hash.update(bytes);
      yield bytes;
    }
    const found = hash.end();
    if (found !== digest) throw fault('blob_corrupt', { digest, found });
  }

  /** A piece that is damaged or gone makes the whole so, and that is the name that whoever asked knows. */
  async function readPiece(whole: Digest, digest: Digest): Promise<Uint8Array> {
    const bytes = (await readPacked(packs, digest)) ?? (await loose.read(digest));
    if (bytes === undefined) throw fault('blob_corrupt', { digest: whole, found: `nothing: its piece ${digest} is missing` });
    return bytes;
  }

  async function* partOf(digest: Digest, range: ByteRange): AsyncGenerator<Uint8Array> {
    const path = loose.pathOf(digest);
    if (path !== undefined) return yield* loose.part(path, digest, range);
    const packed = await readPacked(packs, digest);
    if (packed !== undefined) return yield packed.subarray(range.start, Math.max(range.start, range.end));
    const pieces = lists.read(digest);
    if (pieces === undefined) throw fault('blob_not_found', { digest });
    for (const { piece, start, end } of piecesOfRange(pieces, range)) yield (await readPiece(digest, piece.digest)).subarray(start, end);
  }

  async function isIntact(digest: Digest): Promise<boolean> {
    try {
      for await (const chunk of chunksOf(digest)) void chunk;
      return true;
    } catch {
      return false;
    }
  }

  async function putStream(source: AsyncIterable<Uint8Array>, expected?: Digest): Promise<StoredBlob> {
    const written = await incoming.write(source);
    try {
      if (expected !== undefined && written.digest !== expected) throw fault('digest_mismatch', { expected, found: written.digest });
      await incoming.publish(written.path, requireAddress(root, LOOSE, written.digest));
      return { digest: written.digest, size: written.size };
    } catch (error) {
      await rm(written.path, { force: true });
      throw error;
    }
  }

  async function read(digest: Digest): Promise<Uint8Array> {
    const whole = (await loose.read(digest)) ?? (await readPacked(packs, digest));
    if (whole !== undefined) return whole;
    const all: Uint8Array[] = [];
    for await (const bytes of chunksOf(digest)) all.push(bytes);
    return Buffer.concat(all);
  }

  /** What lies in packs or pieces is put together once, for readers that want a file; a sweep takes such copies away. */
  async function localPath(digest: Digest): Promise<string> {
    const path = loose.pathOf(digest);
    if (path !== undefined) return path;
    const target = requireAddress(root, EXTRACTED, digest);
    if (existsSync(target)) return target;
    if (!isKept(digest)) throw fault('blob_not_found', { digest });
    const written = await incoming.write(chunksOf(digest));
    await incoming.publish(written.path, target);
    return target;
  }

  async function materialize(digest: Digest, path: string, mode: number): Promise<void> {
    const source = loose.pathOf(digest);
    if (source === undefined && !isKept(digest)) throw fault('blob_not_found', { digest });
    const aside = `${path}.${randomUUID()}.part`;
    try {
      try {
        await mkdir(dirname(path), { recursive: true });
        // A copy-on-write clone where the disk can, else a copy: never a hard link, because whoever gets the file may write to it.
        if (source !== undefined) await copyFile(source, aside, constants.COPYFILE_FICLONE);
      } catch (error) {
        throw toWriteFault(path, error);
      }
      if (source === undefined) await writeTo(aside, chunksOf(digest), path);
      const hash = createDigestStream();
      if (source !== undefined) for await (const bytes of fileChunks(aside)) hash.update(bytes);
      const found = source === undefined ? digest : hash.end();
      if (found !== digest) throw fault('blob_corrupt', { digest, found });
      await chmod(aside, mode & 0o777).catch((error: unknown) => Promise.reject(toWriteFault(path, error)));
      await rename(aside, path).catch((error: unknown) => Promise.reject(toWriteFault(path, error)));
    } catch (error) {
      await rm(aside, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async function* readMany(digests: readonly Digest[]): AsyncGenerator<NamedBytes> {
    const packed: [Digest, PackPlace][] = [];
    const others: Digest[] = [];
    for (const digest of new Set(digests)) {
      const [place] = loose.has(digest) ? [] : packs.find(digest);
      if (place === undefined) others.push(digest);
      else packed.push([digest, place]);
    }
    for await (const { digest, bytes } of readPackedRuns(packed)) yield { digest, bytes: bytes ?? (await read(digest)) };
    for (const digest of others) yield { digest, bytes: await read(digest) };
  }

  async function putMany(contents: AsyncIterable<NamedBytes>): Promise<{ readonly stored: number; readonly bytes: number }> {
    const writer = createPackWriter(root);
    try {
      for await (const { digest, bytes } of contents) {
        const found = hashSha256(bytes);
        if (found !== digest) throw fault('digest_mismatch', { expected: digest, found });
        if (isFound(digest) && (await isIntact(digest))) continue;
        writer.add(toKey(digest), bytes);
        if (writer.full) await writer.publish();
      }
      await writer.publish();
    } catch (error) {
      writer.abandon();
      throw error;
    }
    return { stored: writer.stored, bytes: writer.bytes };
  }

  async function putPieces(digest: Digest, pieces: readonly StoredBlob[]): Promise<StoredBlob> {
    const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
    if (isFound(digest)) return { digest, size };
    const hash = createDigestStream();
    for (const piece of pieces) {
      const bytes = (await readPacked(packs, piece.digest)) ?? (await loose.read(piece.digest));
      if (bytes === undefined) throw fault('blob_not_found', { digest: piece.digest });
      if (bytes.length !== piece.size) throw fault('digest_mismatch', { expected: digest, found: 'nothing: a piece has another size' });
      hash.update(bytes);
    }
    const found = hash.end();
    if (found !== digest) throw fault('digest_mismatch', { expected: digest, found });
    await lists.write(digest, pieces);
    return { digest, size };
  }

  return {
    putStream,
    read,
    localPath,
    materialize,
    readMany,
    putMany,
    stream: chunksOf,
    streamRange: partOf,
    has: async (digest) => isFound(digest),
    async put(bytes) {
      const digest = hashSha256(bytes);
      if ((await isIntact(digest)) && isFound(digest)) return { digest, size: bytes.length };
      return putStream(once(bytes));
    },
    async putFiles(files) {
      const writer = createStoreWriter(root, { links: ['reflink', 'copy'], synced: options.durability !== 'process', packs });
      const stored: StoredBlob[] = [];
      const add = async ({ path, before }: SourceFile): Promise<void> => {
        const { size } = await stat(path).catch((error: unknown) => Promise.reject(toReadFault(path, error)));
        if (size > PACKED_UP_TO) stored.push(await writer.addFile(path, before));
        else {
          const bytes = await readFile(path).catch((error: unknown) => Promise.reject(toReadFault(path, error)));
          const key = hashBytes(bytes);
          await writer.addBytes(key, bytes);
          stored.push({ digest: fromKey(key), size: bytes.length });
        }
      };
      try {
        for (const file of files) await add(file);
        await writer.publish();
      } catch (error) {
        writer.abandon();
        throw error;
      }
      return stored;
    },
    async missing(digests) {
      packs.refresh();
      const lacking: Digest[] = [];
      let looked = 0;
      for (const digest of new Set(digests)) {
        if (!isFound(digest)) lacking.push(digest);
        looked += 1;
        if (looked % SLICE === 0) await nextTurn();
      }
      return lacking;
    },
    putPieces,
    async putShared(bytes) {
      const digest = hashSha256(bytes);
      if ((await isIntact(digest)) && isFound(digest)) return { digest, size: bytes.length };
      if (bytes.length <= WORTH_SHARING) return putStream(once(bytes));
      const pieces: NamedBytes[] = [];
      for (let start = 0; start < bytes.length;) {
        const piece = bytes.subarray(start, cutChunk(bytes, start, bytes.length));
        pieces.push({ digest: hashSha256(piece), bytes: piece });
        start += piece.length;
      }
      await putMany(named(pieces));
      return putPieces(
        digest,
        pieces.map((piece) => ({ digest: piece.digest, size: piece.bytes.length })),
      );
    },
    async pieces(digest) {
      const known = lists.read(digest);
      if (known !== undefined) return known;
      if (loose.has(digest)) return lists.cut(digest);
      const bytes = await readPacked(packs, digest);
      if (bytes === undefined) throw fault('blob_not_found', { digest });
      return [{ digest, size: bytes.length }];
    },
    looseFile: async (digest) => loose.pathOf(digest),
    async offer() {
      const { path } = await proofs.write(once(new Uint8Array(0)));
      return { root, proof: path };
    },
    verify: () => verifyBlobs({ root, loose, packs, lists, stream: chunksOf }),
    sweep: (wanted) => sweepBlobs({ ...wanted, root, packs, lists }),
  };
}

async function* named(contents: readonly NamedBytes[]): AsyncGenerator<NamedBytes> {
  yield* contents;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function writeTo(path: string, source: AsyncIterable<Uint8Array>, shown: string): Promise<void> {
  const failed = (error: unknown): Promise<never> => Promise.reject(toWriteFault(shown, error));
  const file = await open(path, 'wx').catch(failed);
  try {
    for await (const bytes of source) await file.writeFile(bytes).catch(failed);
  } finally {
    await file.close();
  }
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    const file = await open(path, 'r');
    for await (const chunk of file.createReadStream({ highWaterMark: 256 * 1024 })) yield chunk as Uint8Array;
  } catch (error) {
    throw toReadFault(path, error);
  }
}
