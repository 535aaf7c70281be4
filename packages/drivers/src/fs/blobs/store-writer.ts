import { createHash, hash, randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { chmod, copyFile, link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { PIECES_FROM, fault } from '@pawl/core/content';
import type { Digest, StoredBlob } from '@pawl/core';
import { makeFolder } from '../make-folder.ts';
import { toErrorCode, toReadFault, toWriteFault } from '../reason.ts';
import { INCOMING, LOOSE, PIECES, addressOf, fromKey, requireAddress } from './address.ts';
import { chunksOfFile } from './chunks.ts';
import { createIncoming } from './incoming.ts';
import { createPackWriter } from './pack-writer.ts';
import { readPacked } from './packed.ts';
import { createPacks } from './packs.ts';
import type { Packs } from './packs.ts';
import { createPieceLists } from './pieces.ts';
import { renew } from './removal.ts';

/** How a large file gets into the store, or out of it. `hardlink` shares one file with the store, which is then read-only for both. */
export type LinkKind = 'reflink' | 'hardlink' | 'copy';

/** Content up to this size goes into packs: beyond it a file of its own costs next to nothing. */
export const PACKED_UP_TO: number = 64 * 1024;
const PIECE = 1024 * 1024;

/** Puts files of a folder into a store on the same machine, for a thread that does nothing else. */
export interface StoreWriter {
  /** Small content, already read. */
  addBytes(key: Buffer, bytes: Uint8Array): Promise<void>;
  /** A file that is larger. `before` is what was there under its name in the version before. Throws `file_unreadable` when it changes meanwhile. */
  addFile(path: string, before: Digest | undefined): Promise<StoredBlob>;
  /** Makes all that was added part of the store; tells how much of it was new since the last time. */
  publish(): Promise<{ readonly stored: number; readonly bytes: number }>;
  /** Forgets what is not published yet. */
  abandon(): void;
}

export interface StoreWriterOptions {
  /** How large files get into the store, in the order tried. */
  readonly links: readonly LinkKind[];
  /** Whether large files that are stored whole wait for the disk; all else does always. */
  readonly synced: boolean;
  readonly packs?: Packs;
}

export function createStoreWriter(folder: string, { links, synced, packs: known }: StoreWriterOptions): StoreWriter {
  const root = resolve(folder);
  const packs = known ?? createPacks(root);
  const incoming = createIncoming({ folder: join(root, INCOMING), mode: 0o444, synced: true });
  const lists = createPieceLists(root, packs, incoming);
  const writer = createPackWriter(root);
  const files = { stored: 0, bytes: 0 };
  const told = { stored: 0, bytes: 0 };

  const addBytes = async (key: Buffer, bytes: Uint8Array): Promise<void> => {
    if (writer.has(key)) return;
    const digest = fromKey(key);
    const [place] = packs.find(digest);
    if (place !== undefined) {
      packs.freshen(place.pack);
      // What is stored is looked at, so that adding files again mends a store that was damaged.
      const stored = await readPacked(packs, digest).catch(() => undefined);
      if (stored !== undefined) return;
    } else if (renew(addressOf(root, LOOSE, digest) ?? '')) return;
    writer.add(key, bytes);
    if (writer.full) await writer.publish();
  };

  /** Only the pieces that the store has not, and the list of all. */
  const addPieces = async (path: string, before: Digest): Promise<StoredBlob> => {
    if (lists.read(before) === undefined) await lists.cut(before);
    const pieces: StoredBlob[] = [];
    const chunks = chunksOfFile(path);
    let next = await chunks.next();
    for (; next.done !== true; next = await chunks.next()) {
      const { key, bytes } = next.value;
      pieces.push({ digest: fromKey(key), size: bytes.length });
      await addBytes(key, bytes);
    }
    await writer.publish();
    const digest = fromKey(next.value.key);
    if (!renew(addressOf(root, LOOSE, digest) ?? '')) await lists.write(digest, pieces);
    return { digest, size: next.value.size };
  };

  /** Whether a content is kept by its pieces, with all of them as they were. */
  const isIntact = async (digest: Digest): Promise<boolean> => {
    try {
      const pieces = renew(addressOf(root, PIECES, digest) ?? '') ? lists.read(digest) : undefined;
      for (const piece of pieces ?? []) if ((await readPacked(packs, piece.digest)) === undefined) return false;
      return pieces !== undefined;
    } catch {
      return false;
    }
  };

  const publishWhole = async (aside: string, target: string): Promise<void> => {
    makeFolder(dirname(target));
    if (synced) {
      const file = await open(aside, 'r');
      await file.sync().finally(() => file.close());
      await incoming.publish(aside, target);
    } else await rename(aside, target);
    // Two names of one file stay as they are.
    await rm(aside, { force: true });
  };

  /** The hash is taken while another thread copies: both take about as long. */
  const addWhole = async (path: string): Promise<StoredBlob> => {
    const aside = join(root, INCOMING, randomUUID());
    makeFolder(dirname(aside));
    const before = await stat(path).catch((error: unknown) => Promise.reject(toReadFault(path, error)));
    const placing = place(path, aside, links);
    const hashing = hashFile(path);
    await Promise.allSettled([placing, hashing]);
    try {
      await placing;
      const digest = await hashing;
      const after = await stat(path);
      if (after.size !== before.size || after.mtimeMs !== before.mtimeMs)
        throw fault('file_unreadable', { path, reason: 'it changed while it was read' });
      const target = requireAddress(root, LOOSE, digest);
      const isNew = !existsSync(target);
      if (isNew && (await isIntact(digest))) await rm(aside);
      else {
        await chmod(aside, 0o444);
        // In place of what may be there: it may be damaged.
        await publishWhole(aside, target);
        files.stored += isNew ? 1 : 0;
        files.bytes += isNew ? after.size : 0;
      }
      return { digest, size: after.size };
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  };

  return {
    addBytes,
    abandon: () => writer.abandon(),
    async addFile(path, before) {
      const { size } = await stat(path).catch((error: unknown) => Promise.reject(toReadFault(path, error)));
      const isKnown = before !== undefined && (existsSync(addressOf(root, LOOSE, before) ?? '') || lists.has(before));
      return size >= PIECES_FROM && isKnown ? addPieces(path, before) : addWhole(path);
    },
    async publish() {
      await writer.publish();
      const [stored, bytes] = [writer.stored + files.stored, writer.bytes + files.bytes];
      const since = { stored: stored - told.stored, bytes: bytes - told.bytes };
      Object.assign(told, { stored, bytes });
      return since;
    },
  };
}

/** Makes `target` the content of `source` in the first of the ways that works here; the last one's error counts. */
export async function place(source: string, target: string, links: readonly LinkKind[]): Promise<LinkKind> {
  for (const [index, kind] of links.entries()) {
    try {
      if (kind === 'hardlink') await link(source, target);
      else await copyFile(source, target, constants.COPYFILE_EXCL | (kind === 'reflink' ? constants.COPYFILE_FICLONE_FORCE : 0));
      return kind;
    } catch (error) {
      await rm(target, { force: true });
      if (index === links.length - 1 || ['ENOSPC', 'EDQUOT', 'EFBIG', 'ENOENT'].includes(toErrorCode(error) ?? ''))
        throw toErrorCode(error) === 'ENOENT' ? toReadFault(source, error) : toWriteFault('the store', error);
    }
  }
  throw fault('invalid_input', { where: 'links', problem: 'name at least one of reflink, hardlink, copy.' });
}

/** Reads on while it hashes: with one buffer each would wait for the other. Throws `file_unreadable`. */
export async function hashFile(path: string): Promise<Digest> {
  const file = await open(path, 'r').catch((error: unknown) => Promise.reject(toReadFault(path, error)));
  try {
    const sum = createHash('sha256');
    const buffers = [Buffer.allocUnsafe(PIECE), Buffer.allocUnsafe(PIECE)] as const;
    let turn = 0;
    let reading = file.read(buffers[0], 0, PIECE);
    for (;;) {
      const { bytesRead, buffer } = await reading;
      if (bytesRead === 0) return `sha256:${sum.digest('hex')}`;
      turn = 1 - turn;
      reading = file.read(turn === 0 ? buffers[0] : buffers[1], 0, PIECE);
      sum.update(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    throw toReadFault(path, error);
  } finally {
    await file.close();
  }
}

export const hashBytes = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer');
