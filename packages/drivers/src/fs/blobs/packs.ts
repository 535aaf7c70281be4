import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '@pawl/core';
import { toErrorCode } from '../reason.ts';
import { LOOSE, PACKS, requireAddress, toKey } from './address.ts';
import { decodePackIndex } from './pack-index.ts';
import type { PackIndex } from './pack-index.ts';
import { renew } from './removal.ts';

/** Where the bytes of a packed content are. */
export interface PackPlace {
  readonly pack: Pack;
  readonly offset: number;
  readonly length: number;
}

export interface Pack {
  /** Of its files, without the ending. */
  readonly name: string;
  readonly index: PackIndex;
  /** Of the bytes: its own, or those of the content that its parts lie in. */
  readonly path: string;
}

export interface Packs {
  readonly folder: string;
  /** Everywhere the content is. Looks on the disk again when it does not know the digest, unless that was just done. */
  find(digest: Digest): readonly PackPlace[];
  /** Learns of packs that others have written. */
  refresh(): void;
  all(): readonly Pack[];
  /** Says that a pack is in use again, which saves it from a sweep. */
  freshen(pack: Pack): void;
  /** Removes the bytes of a pack whose index is gone: they are nobody's. */
  forget(pack: Pack): void;
}

/** As of file systems that count the time of a change in ticks: a folder changed this short before it was listed may have changed after, too. */
const TICK_MS = 20;
const FRESHEN_MS = 60_000;

/** All packs of a store, whoever writes them: several processes may share it. Indexes are read when they are first needed, and held. */
export function createPacks(root: string): Packs {
  const folder = join(root, PACKS);
  const packs = new Map<string, Pack>();
  const freshened = new Map<string, number>();
  let seen: number | undefined;

  function refresh(): void {
    const changed = changeTime(folder);
    if (changed === undefined) return packs.clear();
    if (changed === seen) return;
    const names = new Set<string>();
    for (const file of readdirSync(folder)) {
      const name = /^([0-9a-f]{64})\.idx$/.exec(file)?.[1];
      if (name === undefined) continue;
      names.add(name);
      if (!packs.has(name)) load(name);
    }
    for (const name of packs.keys()) if (!names.has(name)) packs.delete(name);
    seen = Date.now() - changed > TICK_MS ? changed : undefined;
  }

  function load(name: string): void {
    const index = readIndex(join(folder, `${name}.idx`));
    // A damaged index makes its contents missing: putting them again mends that, under another name.
    if (index === undefined) return;
    const path = index.whole === undefined ? join(folder, `${name}.pack`) : requireAddress(root, LOOSE, index.whole);
    packs.set(name, { name, index, path });
  }

  function look(key: Buffer): readonly PackPlace[] {
    const places: PackPlace[] = [];
    for (const pack of packs.values()) {
      const part = pack.index.find(key);
      if (part !== undefined) places.push({ pack, offset: part.offset, length: part.length });
    }
    return places;
  }

  return {
    folder,
    refresh,
    find(digest) {
      const key = toKey(digest);
      const found = look(key);
      if (found.length > 0) return found;
      refresh();
      return look(key);
    },
    all: () => Array.from(packs.values()),
    freshen({ name }) {
      const now = Date.now();
      if (now - (freshened.get(name) ?? 0) < FRESHEN_MS) return;
      freshened.set(name, now);
      renew(join(folder, `${name}.idx`));
    },
    forget({ name }) {
      rmSync(join(folder, `${name}.pack`), { force: true });
      packs.delete(name);
    },
  };
}

function readIndex(path: string): PackIndex | undefined {
  try {
    return decodePackIndex(readFileSync(path));
  } catch (error) {
    if (toErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function changeTime(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
}
