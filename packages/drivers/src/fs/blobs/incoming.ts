import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest } from '@pawl/core';
import { createDigestStream } from '../../clock/sha256.ts';
import { makeFolder } from '../make-folder.ts';
import { toWriteFault } from '../reason.ts';

/** Longer than any upload takes, so that what is older was left by a process that died. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

export interface IncomingFile {
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
}

export interface Incoming {
  /** Writes a stream to a file of its own; on any error the file is gone again. Errors of the source are thrown as they are. */
  write(source: AsyncIterable<Uint8Array>): Promise<IncomingFile>;
  /** Moves a written file to its name; durable when it resolves. */
  publish(from: string, to: string): Promise<void>;
}

export interface IncomingOptions {
  readonly folder: string;
  /** Of the files, once they are written. */
  readonly mode: number;
  /** Whether content and names wait for the disk. */
  readonly synced: boolean;
}

/** The anteroom of a store: content lives here, under a random name, until it is whole. It must be on the disk of the store, because only a rename is atomic. */
export function createIncoming({ folder, mode, synced }: IncomingOptions): Incoming {
  let ready: Promise<void> | undefined;

  async function prepare(): Promise<void> {
    await makeDurableFolder(folder);
    await sweep(folder);
  }

  async function write(source: AsyncIterable<Uint8Array>): Promise<IncomingFile> {
    const path = join(folder, randomUUID());
    let file: FileHandle;
    try {
      ready ??= prepare();
      await ready;
      // Who opens a new file may write to it, whatever its mode.
      file = await open(path, 'wx', mode);
    } catch (error) {
      ready = undefined;
      throw toWriteFault(folder, error);
    }
    try {
      const hash = createDigestStream();
      let size = 0;
      for await (const bytes of source) {
        hash.update(bytes);
        size += bytes.length;
        // `writeFile` on a handle goes on from where it stands, and writes all of the bytes.
        await file.writeFile(bytes).catch((error: unknown) => Promise.reject(toWriteFault(folder, error)));
      }
      if (synced) await file.sync().catch((error: unknown) => Promise.reject(toWriteFault(folder, error)));
      await file.close().catch((error: unknown) => Promise.reject(toWriteFault(folder, error)));
      return { path, digest: hash.end(), size };
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(path, { force: true });
      throw error;
    }
  }

  async function publish(from: string, to: string): Promise<void> {
    try {
      const parent = dirname(to);
      if (synced) await makeDurableFolder(parent);
      else makeFolder(parent);
      await rename(from, to);
      if (synced) await syncFolder(parent);
    } catch (error) {
      throw toWriteFault(folder, error);
    }
  }

  return { write, publish };
}

/** Makes a folder and its parents, each durable: a synced file in a folder whose own name was never synced is lost with it. */
async function makeDurableFolder(path: string): Promise<void> {
  const first = makeFolder(path);
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Forgets what dead processes left. Ages are told by the disk's own clock, which may be another machine's. */
async function sweep(folder: string): Promise<void> {
  const mark = join(folder, randomUUID());
  const file = await open(mark, 'wx');
  const now = (await file.stat()).mtimeMs;
  await file.close();
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const age = await stat(path).then(
      (found) => now - found.mtimeMs,
      () => 0,
    );
    if (path === mark || age > ABANDONED_MS) await rm(path, { force: true });
  }
}
