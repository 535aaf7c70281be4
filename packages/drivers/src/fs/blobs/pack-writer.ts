import { createHash, randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsync, openSync, readSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '../make-folder.ts';
import { toWriteFault } from '../reason.ts';
import { INCOMING, LOOSE, PACKS, fromKey, requireAddress } from './address.ts';
import { encodePackIndex } from './pack-index.ts';
import type { PackedPart } from './pack-index.ts';

/** A pack is closed at this size. */
const PACK_SIZE = 64 * 1024 * 1024;
const PIECE = 1024 * 1024;
/** Fewer get a file each: packs are looked through one after another, so that many with little in them would cost more than they save. */
const FEW = 8;

const sync = promisify(fsync);

export interface PackWriter {
  has(key: Buffer): boolean;
  /** Takes bytes whose digest the caller has made sure of; they may be reused when it returns. */
  add(key: Buffer, bytes: Uint8Array): void;
  readonly stored: number;
  readonly bytes: number;
  /** The pack in the making is as large as one should be: time to `publish`. */
  readonly full: boolean;
  /** Makes what was added part of the store; durable when it resolves. More may be added after. */
  publish(): Promise<void>;
  /** Forgets what is not published yet. */
  abandon(): void;
}

/**
 * Writes packs, in whatever thread it is called: one write for each megabyte and one sync for each pack, where a file for each content would take a hundred thousand.
 * Nothing is in the store until a pack's index has its name, so whatever dies when, no index stands for bytes that are not there. Throws `not_writable`.
 */
export function createPackWriter(root: string): PackWriter {
  const pending = Buffer.allocUnsafe(PIECE);
  let filled = 0;
  let open: { readonly file: number; readonly path: string } | undefined;
  let parts: PackedPart[] = [];
  let known = new Set<string>();
  let size = 0;
  let stored = 0;
  let total = 0;

  function begin(): { readonly file: number; readonly path: string } {
    for (const folder of [INCOMING, PACKS]) makeFolder(join(root, folder));
    const path = join(root, INCOMING, randomUUID());
    return { path, file: openSync(path, 'wx+', 0o444) };
  }

  function flush(): void {
    open ??= begin();
    for (let at = 0; at < filled;) at += writeSync(open.file, pending, at, filled - at);
    filled = 0;
  }

  async function publish(): Promise<void> {
    if (parts.length === 0) return;
    flush();
    if (open === undefined) return;
    if (parts.length < FEW) return publishFew(open, parts);
    await sync(open.file);
    closeSync(open.file);
    const index = encodePackIndex(parts);
    const name = createHash('sha256').update(index).digest('hex');
    const target = join(root, PACKS, name);
    if (existsSync(`${target}.idx`)) rmSync(open.path);
    else {
      renameSync(open.path, `${target}.pack`);
      await publishIndex(root, name, index);
    }
    forget();
  }

  async function publishFew(from: { readonly file: number; readonly path: string }, few: readonly PackedPart[]): Promise<void> {
    for (const { key, offset, length } of few) {
      const bytes = Buffer.alloc(length);
      readSync(from.file, bytes, 0, length, offset);
      await publishFile(root, requireAddress(root, LOOSE, fromKey(key)), bytes);
    }
    closeSync(from.file);
    rmSync(from.path);
    forget();
  }

  function forget(): void {
    open = undefined;
    parts = [];
    known = new Set();
    size = 0;
  }

  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      abandon();
      throw toWriteFault(root, error);
    }
  };

  function abandon(): void {
    if (open !== undefined) {
      closeQuietly(open.file);
      rmSync(open.path, { force: true });
    }
    filled = 0;
    forget();
  }

  return {
    has: (key) => known.has(key.toString('latin1')),
    add: (key, bytes) =>
      guarded(() => {
        const name = key.toString('latin1');
        if (known.has(name)) return;
        known.add(name);
        parts.push({ key: Buffer.from(key), offset: size, length: bytes.length });
        for (let at = 0; at < bytes.length;) {
          if (filled === PIECE) flush();
          const count = Math.min(PIECE - filled, bytes.length - at);
          pending.set(bytes.subarray(at, at + count), filled);
          filled += count;
          at += count;
        }
        size += bytes.length;
        stored += 1;
        total += bytes.length;
      }),
    get stored() {
      return stored;
    },
    get bytes() {
      return total;
    },
    get full() {
      return size >= PACK_SIZE;
    },
    async publish() {
      try {
        await publish();
      } catch (error) {
        abandon();
        throw toWriteFault(root, error);
      }
    },
    abandon,
  };
}

/** Gives an index its name, which makes what it tells of part of the store. */
export async function publishIndex(root: string, name: string, index: Buffer): Promise<void> {
  await publishFile(root, join(root, PACKS, `${name}.idx`), index);
}

/** Writes aside, syncs, renames: the file is there whole or not at all. */
async function publishFile(root: string, path: string, bytes: Buffer): Promise<void> {
  for (const folder of [join(root, INCOMING), dirname(path)]) {
    const first = makeFolder(folder);
    if (first !== undefined) await syncFolder(dirname(first));
  }
  const aside = join(root, INCOMING, randomUUID());
  const file = openSync(aside, 'wx', 0o444);
  try {
    writeFileSync(file, bytes);
    await sync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  const folder = openSync(path, 'r');
  try {
    await sync(folder);
  } finally {
    closeSync(folder);
  }
}

function closeQuietly(file: number): void {
  try {
    closeSync(file);
  } catch {
    // It was closed before the step that failed.
  }
}
