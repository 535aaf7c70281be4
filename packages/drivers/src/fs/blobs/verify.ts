import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isFault } from '@pawl/core/content';
import type { Digest, VerifiedBlob } from '@pawl/core';
import { LOOSE, PIECES, fromAddress, fromKey } from './address.ts';
import type { Loose } from './loose.ts';
import { readPackedRuns } from './packed.ts';
import type { PackPlace, Packs } from './packs.ts';
import type { PieceLists } from './pieces.ts';

export interface BlobForms {
  readonly root: string;
  readonly loose: Loose;
  readonly packs: Packs;
  readonly lists: PieceLists;
  readonly stream: (digest: Digest) => AsyncIterable<Uint8Array>;
}

/** Reads through everything that is stored, each form of it: contents on their own, those in packs, and large ones by their pieces. */
export async function* verifyBlobs({ root, packs, stream }: BlobForms): AsyncGenerator<VerifiedBlob> {
  packs.refresh();
  for await (const digest of digestsIn(join(root, LOOSE))) yield verifyOne(digest, stream);
  for (const pack of packs.all()) {
    // Parts of a content that is stored whole were read with it.
    if (pack.index.whole !== undefined) continue;
    const places: [Digest, PackPlace][] = [];
    for (let at = 0; at < pack.index.count; at += 1) {
      const { key, offset, length } = pack.index.at(at);
      places.push([fromKey(key), { pack, offset, length }]);
    }
    const sizes = new Map(places.map(([digest, { length }]) => [digest, length]));
    for await (const { digest, bytes } of readPackedRuns(places))
      yield { digest, size: sizes.get(digest) ?? 0, intact: bytes !== undefined };
  }
  for await (const digest of digestsIn(join(root, PIECES))) yield verifyOne(digest, stream);
}

async function verifyOne(digest: Digest, stream: BlobForms['stream']): Promise<VerifiedBlob> {
  let size = 0;
  try {
    for await (const bytes of stream(digest)) size += bytes.length;
    return { digest, size, intact: true };
  } catch (error) {
    if (isFault(error)) return { digest, size, intact: false };
    throw error;
  }
}

/** The digests of the files in the 256 folders of one kind. */
export async function* digestsIn(folder: string): AsyncGenerator<Digest> {
  for (const part of await readdir(folder).catch(() => [])) {
    for (const name of await readdir(join(folder, part)).catch(() => [])) {
      const digest = fromAddress(part, name);
      if (digest !== undefined) yield digest;
    }
  }
}
