import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '@pawl/core/content';
import type { ByteRange, Digest, StoredBlob } from '@pawl/core';
import { toErrorCode, toReadFault } from '../reason.ts';
import { LOOSE, PIECES, addressOf, fromKey, requireAddress, toKey } from './address.ts';
import { chunksOfFile } from './chunks.ts';
import type { Incoming } from './incoming.ts';
import { encodePackIndex } from './pack-index.ts';
import type { PackedPart } from './pack-index.ts';
import { publishIndex } from './pack-writer.ts';
import type { Packs } from './packs.ts';

/** Contents that are kept as a list of others. A list is a file of records, 32 bytes of digest and a length (uint32, big-endian), in order. */
export interface PieceLists {
  has(digest: Digest): boolean;
  /** Undefined when the content is not kept so. Throws `blob_corrupt` for a list that is damaged. */
  read(digest: Digest): readonly StoredBlob[] | undefined;
  write(digest: Digest, pieces: readonly StoredBlob[]): Promise<void>;
  /** Cuts a content that is kept whole; its pieces are found in it from now on. */
  cut(digest: Digest): Promise<readonly StoredBlob[]>;
}

const RECORD = 36;

export function createPieceLists(root: string, packs: Packs, incoming: Incoming): PieceLists {
  const pathOf = (digest: Digest): string => requireAddress(root, PIECES, digest);

  function read(digest: Digest): readonly StoredBlob[] | undefined {
    const path = addressOf(root, PIECES, digest);
    if (path === undefined) return undefined;
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      if (toErrorCode(error) === 'ENOENT' || toErrorCode(error) === 'ENOTDIR') return undefined;
      throw toReadFault(`stored content ${digest}`, error);
    }
    if (bytes.length % RECORD !== 0) throw fault('blob_corrupt', { digest, found: 'nothing: its list of pieces is cut off' });
    return Array.from({ length: bytes.length / RECORD }, (_, index) => ({
      digest: fromKey(bytes.subarray(index * RECORD, index * RECORD + 32)),
      size: bytes.readUInt32BE(index * RECORD + 32),
    }));
  }

  async function cut(digest: Digest): Promise<readonly StoredBlob[]> {
    const path = requireAddress(root, LOOSE, digest);
    const parts: PackedPart[] = [];
    const chunks = chunksOfFile(path);
    let next = await chunks.next();
    for (; next.done !== true; next = await chunks.next()) {
      const { key, offset, bytes } = next.value;
      parts.push({ key, offset, length: bytes.length });
    }
    if (fromKey(next.value.key) !== digest) throw fault('blob_corrupt', { digest, found: fromKey(next.value.key) });
    const index = encodePackIndex(parts, digest);
    const name = createHash('sha256').update(index).digest('hex');
    if (!existsSync(join(packs.folder, `${name}.idx`))) await publishIndex(root, name, index);
    packs.refresh();
    const pieces = parts.map(({ key, length }) => ({ digest: fromKey(key), size: length }));
    await write(digest, pieces);
    return pieces;
  }

  async function write(digest: Digest, pieces: readonly StoredBlob[]): Promise<void> {
    const bytes = Buffer.alloc(pieces.length * RECORD);
    for (const [index, { digest: piece, size }] of pieces.entries()) {
      toKey(piece).copy(bytes, index * RECORD);
      bytes.writeUInt32BE(size, index * RECORD + 32);
    }
    const { path } = await incoming.write(
      (async function* () {
        yield bytes;
      })(),
    );
    await incoming.publish(path, pathOf(digest));
  }

  return {
    read,
    cut,
    has(digest) {
      const path = addressOf(root, PIECES, digest);
      return path !== undefined && existsSync(path);
    },
    write,
  };
}

/** The parts of pieces that a range of the whole covers, in order. */
export function* piecesOfRange(
  pieces: readonly StoredBlob[],
  { start, end }: ByteRange,
): Generator<{ readonly piece: StoredBlob; readonly start: number; readonly end: number }> {
  let at = 0;
  for (const piece of pieces) {
    const [from, to] = [Math.max(start, at), Math.min(end, at + piece.size)];
    if (from < to) yield { piece, start: from - at, end: to - at };
    at += piece.size;
    if (at >= end) return;
  }
}
