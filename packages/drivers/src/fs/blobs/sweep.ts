import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest, SweepOptions, SweptBlob } from '@pawl/core';
import { EXTRACTED, INCOMING, LOOSE, PACKS, PIECES, fromKey, requireAddress, toKey } from './address.ts';
import { createPackWriter } from './pack-writer.ts';
import { readPackedRuns } from './packed.ts';
import type { Pack, PackPlace, Packs } from './packs.ts';
import type { PieceLists } from './pieces.ts';
import { idleOf, removeIdle } from './removal.ts';
import { digestsIn } from './verify.ts';

interface Sweep extends SweepOptions {
  readonly root: string;
  readonly packs: Packs;
  readonly lists: PieceLists;
}

/** A pack is written anew without what is dead in it when that is at least this share of its bytes. */
const WORTH_REWRITING = 0.2;

/** Lists go first and packs before whole contents, so that whatever dies in between, nothing that is left is without its parts. */
export async function* sweepBlobs(sweep: Sweep): AsyncGenerator<SweptBlob> {
  const { root, packs, lists, keep } = sweep;
  packs.refresh();
  const pieces = new Set<Digest>();
  for await (const digest of digestsIn(join(root, PIECES))) {
    const swept = await sweepFile(sweep, PIECES, digest, keep);
    if (swept === undefined) continue;
    if (swept.outcome !== 'removed') for (const piece of lists.read(digest) ?? []) pieces.add(piece.digest);
    yield swept;
  }
  const isWanted = (digest: Digest): boolean => keep(digest) || pieces.has(digest);
  for (const pack of packs.all()) yield* sweepPack(sweep, pack, isWanted);
  const partsOf = new Set(packs.all().flatMap(({ index }) => index.whole ?? []));
  for await (const digest of digestsIn(join(root, LOOSE))) {
    const swept = await sweepFile(sweep, LOOSE, digest, (one) => isWanted(one) || partsOf.has(one));
    if (swept !== undefined) yield swept;
  }
  await removeExtracted(sweep);
}

async function sweepFile(
  { root, idleMs, dryRun }: Sweep,
  kind: string,
  digest: Digest,
  isWanted: (digest: Digest) => boolean,
): Promise<SweptBlob | undefined> {
  const path = requireAddress(root, kind, digest);
  const found = await idleOf(path);
  if (found === undefined) return undefined;
  const { size } = found;
  if (isWanted(digest)) return { digest, size, outcome: 'kept' };
  const least = idleMs();
  const goes = found.idleMs >= least && (dryRun || (await removeIdle(path, join(root, INCOMING, randomUUID()), least)));
  return { digest, size, outcome: goes ? 'removed' : 'waiting' };
}

async function* sweepPack(sweep: Sweep, pack: Pack, isWanted: (digest: Digest) => boolean): AsyncGenerator<SweptBlob> {
  const { root, packs, idleMs, dryRun } = sweep;
  const { whole } = pack.index;
  const live: [Digest, PackPlace][] = [];
  const dead: { readonly digest: Digest; readonly size: number }[] = [];
  let [bytes, deadBytes] = [0, 0];
  for (let at = 0; at < pack.index.count; at += 1) {
    const { key, offset, length } = pack.index.at(at);
    const digest = fromKey(key);
    bytes += length;
    if (isWanted(digest)) live.push([digest, { pack, offset, length }]);
    else {
      dead.push({ digest, size: length });
      deadBytes += length;
    }
  }
  const index = join(root, PACKS, `${pack.name}.idx`);
  const least = idleMs();
  // Parts of a content that stays whole cost nothing; of one that goes, those in use have to move out first.
  const isWorth = whole === undefined ? live.length === 0 || deadBytes >= bytes * WORTH_REWRITING : !isWanted(whole);
  const isIdle = isWorth && ((await idleOf(index))?.idleMs ?? 0) >= least;
  // Damaged content has no copy to save: the pack that tells of it stays, so that it is not forgotten that there was one.
  const canGo = isIdle && (dryRun || live.length === 0 || (await copyOut(root, live)));
  const goes = canGo && (dryRun || (await removeIdle(index, join(root, INCOMING, randomUUID()), least)));
  if (goes && !dryRun) packs.forget(pack);
  if (whole !== undefined) return;
  for (const [digest, { length }] of live) yield { digest, size: length, outcome: 'kept' };
  for (const one of dead) yield { ...one, outcome: goes ? 'removed' : 'waiting' };
}

/** False when not all of it is intact. */
async function copyOut(root: string, live: readonly (readonly [Digest, PackPlace])[]): Promise<boolean> {
  const writer = createPackWriter(root);
  for await (const { digest, bytes } of readPackedRuns(live)) {
    if (bytes === undefined) {
      writer.abandon();
      return false;
    }
    writer.add(toKey(digest), bytes);
    if (writer.full) await writer.publish();
  }
  await writer.publish();
  return true;
}

/** Copies that are made again when somebody asks. */
async function removeExtracted({ root, idleMs, dryRun }: Sweep): Promise<void> {
  if (dryRun) return;
  const folder = join(root, EXTRACTED);
  for (const part of await readdir(folder).catch(() => [])) {
    for (const name of await readdir(join(folder, part)).catch(() => [])) {
      const path = join(folder, part, name);
      if (((await idleOf(path))?.idleMs ?? 0) >= idleMs()) await rm(path, { force: true });
    }
  }
}
