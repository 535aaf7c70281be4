import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, copyFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { toApiError } from '@pawl/client';
import type { Target, Threads } from '@pawl/drivers/workspace';
import type { Context } from '../context.ts';
import { failure, unwritable } from '../fail.ts';
import { forEach } from '../parallel.ts';
import { createProgress } from '../progress.ts';
import { TRANSFERS, createTransfer } from '../transfer.ts';
import type { Transfer } from '../transfer.ts';

const SMALL = 64 * 1024;
/** Small contents come together: so many, or so many bytes, in one message. */
const PACK_CONTENTS = 4096;
const PACK_BYTES = 8 * 1024 * 1024;
/** Handed to a thread at once. */
const WRITE_BYTES = 1024 * 1024;

/**
 * Writes contents to where they belong, each verified. From the server's store where it is on this machine (the threads have it then), else over HTTP. Gives inode and time (ns) of
 * the file of each `index`; zeros for a large one.
 */
export async function fetchTargets(
  context: Context,
  threads: Threads,
  targets: readonly Target[],
  options: { readonly isLocal: boolean; readonly fresh: boolean },
): Promise<BigUint64Array> {
  const stamps = new BigUint64Array(2 * targets.reduce((sum, { files }) => sum + files.length, 0));
  const note: Note = (some, placed) => {
    let at = 0;
    for (const { files } of some)
      for (const { index } of files) {
        stamps.set(placed.subarray(at, at + 2), 2 * index);
        at += 2;
      }
  };
  const progress = createProgress(
    options.isLocal ? 'Writing' : 'Fetching',
    targets.reduce((sum, { size }) => sum + size, 0),
  );
  const done = (some: readonly Target[]): void => progress.add(some.reduce((sum, { size }) => sum + size, 0));
  const transfer = createTransfer(context);
  try {
    const small = toBatches(targets.filter(({ size }) => size <= SMALL));
    const large = targets.filter(({ size }) => size > SMALL);
    if (options.isLocal) {
      await forEach([...small, ...large.map((target) => [target])], TRANSFERS, async (some) => {
        note(some, (await threads.run({ kind: 'place', targets: some, fresh: options.fresh })).stamps);
        done(some);
      });
    } else {
      await forEach(small, 2, async (some) => {
        await fetchPack(context, transfer, threads, some, options.fresh, note);
        done(some);
      });
      await forEach(large, TRANSFERS, (target) => fetchLarge(context, transfer, target, (bytes) => progress.add(bytes)));
    }
  } finally {
    progress.end();
    transfer.close();
  }
  context.signal.throwIfAborted();
  return stamps;
}

/** Takes what the threads saw of the files of some targets. */
type Note = (targets: readonly Target[], stamps: BigUint64Array) => void;

function toBatches(targets: readonly Target[]): readonly (readonly Target[])[] {
  const batches: Target[][] = [];
  let [batch, bytes]: [Target[], number] = [[], 0];
  for (const target of targets) {
    batch.push(target);
    bytes += target.size;
    if (batch.length < PACK_CONTENTS && bytes < PACK_BYTES) continue;
    batches.push(batch);
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

async function fetchPack(
  context: Context,
  transfer: Transfer,
  threads: Threads,
  targets: readonly Target[],
  fresh: boolean,
  note: Note,
): Promise<void> {
  const { decodeFrames } = await import('@pawl/core/content');
  const byDigest = new Map<string, Target>(targets.map((target) => [target.digest, target]));
  const writing: Promise<unknown>[] = [];
  let contents: { target: Target; bytes: Uint8Array }[] = [];
  let bytes = 0;
  const write = (): void => {
    const some = contents.map(({ target }) => target);
    const written = threads.run({ kind: 'write', contents, fresh }).then(({ stamps }) => note(some, stamps));
    // Waited for below; until then a failure is nobody's.
    written.catch(() => undefined);
    writing.push(written);
    [contents, bytes] = [[], 0];
  };
  for await (const frame of decodeFrames(await transfer.getPack(Array.from(byDigest.keys())))) {
    const target = byDigest.get(frame.digest);
    if (target === undefined) continue;
    byDigest.delete(frame.digest);
    // A copy: the rest of a larger buffer would travel to the thread with it.
    contents.push({ target, bytes: frame.bytes.slice() });
    bytes += frame.bytes.length;
    if (bytes >= WRITE_BYTES) write();
  }
  if (contents.length > 0) write();
  await Promise.all(writing);
  const [lost] = byDigest.keys();
  if (lost !== undefined)
    throw toApiError(context.server, 500, { error: { code: 'blob_not_found', message: `The server did not send ${lost}.` } });
}

const isLost = (error: unknown): boolean => (error as { code?: unknown } | undefined)?.code === 'server_unreachable';

interface Received {
  readonly size: number;
  readonly found: string;
  /** What broke it off; undefined when all of it came. */
  readonly error: unknown;
}

/** Streams one content into a file. Throws what the server answers, `server_unreachable` when it does not. */
async function receive(
  transfer: Transfer,
  digest: string,
  path: string,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<Received> {
  const hash = createHash('sha256');
  const source = await transfer.get(digest);
  let size = 0;
  const error = await pipeline(
    async function* () {
      for await (const piece of source) {
        hash.update(piece);
        size += piece.byteLength;
        onBytes(piece.byteLength);
        yield piece;
      }
    },
    createWriteStream(path, { mode: 0o600 }),
    { signal },
  ).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { size, found: `sha256:${hash.digest('hex')}`, error };
}

/** Streams one content to a file beside its place, and to every place that has it, each by a rename. */
async function fetchLarge(context: Context, transfer: Transfer, target: Target, onBytes: (count: number) => void): Promise<void> {
  const { signal } = context;
  const [first, ...others] = target.files;
  if (first === undefined) return;
  const asideOf = (absolute: string): string => join(dirname(absolute), `.pawl-${randomBytes(8).toString('hex')}.part`);
  const aside = asideOf(first.absolute);
  const copies: string[] = [];
  try {
    let got = await receive(transfer, target.digest, aside, onBytes, signal);
    // A server breaks off what it has found to be damaged, and also when it dies: one that is there and does so again means the former.
    if (isLost(got.error)) {
      onBytes(-got.size);
      got = await receive(transfer, target.digest, aside, onBytes, signal);
      if (isLost(got.error)) throw await failure('blob_corrupt', { digest: target.digest, found: got.found });
    }
    if (got.error !== undefined) throw got.error;
    if (got.found !== target.digest) throw await failure('blob_corrupt', { digest: target.digest, found: got.found });
    for (const { absolute, mode } of others) {
      const copy = asideOf(absolute);
      copies.push(copy);
      await copyFile(aside, copy);
      await chmod(copy, mode);
      await rename(copy, absolute);
    }
    await chmod(aside, first.mode);
    await rename(aside, first.absolute);
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw await unwritable(first.absolute, error);
  } finally {
    for (const name of [aside, ...copies]) await rm(name, { force: true });
  }
}
