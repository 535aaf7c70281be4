import { open } from 'node:fs/promises';
import type { Client } from '@pawl/client';
import type { Digest } from '@pawl/core';
import type { DigestedFile, Threads } from '@pawl/drivers/workspace';
import type { Context } from '../context.ts';
import { failure, unreadable } from '../fail.ts';
import { forEach } from '../parallel.ts';
import { createProgress } from '../progress.ts';
import { TRANSFERS, createTransfer } from '../transfer.ts';
import type { Transfer } from '../transfer.ts';

export interface Sent {
  readonly files: number;
  readonly bytes: number;
}

type WantedFile = Pick<DigestedFile, 'absolute' | 'size' | 'digest'>;

/** Digests asked for in one request. */
const ASKED = 50_000;
/** Small files travel together: so many, or so many bytes, in one message. */
const PACK_FILES = 8192;
const PACK_BYTES = 8 * 1024 * 1024;
const SMALL = 64 * 1024;

/** One file of each content that the server does not have. */
export async function findLacking<File extends { readonly digest: Digest }>(
  context: Context,
  client: Client,
  files: readonly File[],
): Promise<readonly File[]> {
  const byDigest = new Map(files.map((file) => [file.digest, file]));
  const all = Array.from(byDigest.keys());
  const lacking: File[] = [];
  for (let start = 0; start < all.length; start += ASKED) {
    const { missing } = await client.blob.missing({ digests: all.slice(start, start + ASKED) }, { signal: context.signal });
    for (const digest of missing) {
      const file = byDigest.get(digest as Digest);
      if (file !== undefined) lacking.push(file);
    }
  }
  return lacking;
}

/** Sends contents to the server: small ones packed together, large ones by the pieces that it lacks. */
export async function sendFiles(context: Context, client: Client, threads: Threads, files: readonly WantedFile[]): Promise<Sent> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const { PIECES_FROM } = await import('@pawl/core/content');
  const transfer = createTransfer(context);
  const progress = createProgress('Sending', bytes);
  const count = (sent: number): void => progress.add(sent);
  try {
    const small = files.filter(({ size }) => size <= SMALL);
    await forEach(toPacks(small), TRANSFERS / 2, async (pack) => {
      const { body } = await threads.run({ kind: 'pack', files: pack });
      await transfer.putPack(body);
      count(pack.reduce((sum, { size }) => sum + size, 0));
    });
    const medium = files.filter(({ size }) => size > SMALL && size < PIECES_FROM);
    await forEach(medium, TRANSFERS, (file) => transfer.put(file.digest, file, count));
    // In pieces: what of it the server has already stays here, and what was sent is not sent again after a break.
    for (const file of files) if (file.size >= PIECES_FROM) await sendPieces({ context, client, threads, transfer }, file, count);
  } finally {
    progress.end();
    transfer.close();
  }
  context.signal.throwIfAborted();
  return { files: files.length, bytes };
}

function toPacks<File extends { readonly size: number }>(files: readonly File[]): readonly (readonly File[])[] {
  const packs: File[][] = [];
  let [pack, bytes]: [File[], number] = [[], 0];
  for (const file of files) {
    pack.push(file);
    bytes += file.size;
    if (pack.length < PACK_FILES && bytes < PACK_BYTES) continue;
    packs.push(pack);
    [pack, bytes] = [[], 0];
  }
  if (pack.length > 0) packs.push(pack);
  return packs;
}

interface Line {
  readonly context: Context;
  readonly client: Client;
  readonly threads: Threads;
  readonly transfer: Transfer;
}

async function sendPieces({ context, client, threads, transfer }: Line, file: WantedFile, count: (bytes: number) => void): Promise<void> {
  const { digest, pieces } = await threads.run({ kind: 'cut', file });
  if (digest !== file.digest) throw await failure('file_unreadable', { path: file.absolute, reason: 'it changed while it was read' });
  const lacking = await findLacking(context, client, pieces);
  count(file.size - lacking.reduce((sum, { size }) => sum + size, 0));
  const source = await open(file.absolute, 'r').catch(async (error: unknown) => Promise.reject(await unreadable(file.absolute, error)));
  const { encodeFrame } = await import('@pawl/core/content');
  try {
    await forEach(toPacks(lacking.toSorted((a, b) => a.offset - b.offset)), 2, async (pack) => {
      const frames: Uint8Array[] = [];
      for (const piece of pack) {
        const bytes = Buffer.alloc(piece.size);
        await source.read(bytes, 0, piece.size, piece.offset);
        frames.push(encodeFrame({ digest: piece.digest, bytes }));
      }
      await transfer.putPack(Buffer.concat(frames));
      count(pack.reduce((sum, { size }) => sum + size, 0));
    });
  } finally {
    await source.close();
  }
  await client.blob.join(
    { digest, pieces: pieces.map((piece) => ({ digest: piece.digest, size: piece.size })) },
    { signal: context.signal },
  );
}
