import { createHash } from 'node:crypto';
import { realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@pawl/client';
import type { LinkKind, ThreadStart } from '@pawl/drivers/workspace';
import { cacheFolder } from '../../config/environment.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../exit.ts';

/** How content moves between a folder and the server: over the disk where the server's store is on this machine, else over HTTP. */
export type Way = 'disk' | 'http';

export interface TransferOptions {
  /** The one that is possible when absent. */
  readonly via?: Way;
  readonly link?: readonly LinkKind[];
}

/** A clone where the disk can, else a copy: neither is touched by what is done to the other. */
export const LINKS: readonly LinkKind[] = ['reflink', 'copy'];

export function toWay(text: string): Way {
  if (text !== 'disk' && text !== 'http') throw new UsageError('--via takes disk or http.');
  return text;
}

export function toLinks(text: string): readonly LinkKind[] {
  const kinds = text.split(',');
  for (const kind of kinds)
    if (!['reflink', 'hardlink', 'copy'].includes(kind))
      throw new UsageError('--link takes reflink, hardlink and copy, in the order they are tried: reflink,copy.');
  return kinds as readonly LinkKind[];
}

/** Where what is remembered of a folder is kept. */
export function statePath(path: string): string {
  let real = path;
  try {
    real = realpathSync(path);
  } catch {
    // It is not there yet, or not any more: then nothing is remembered of it either.
  }
  return join(cacheFolder(), 'workspace', createHash('sha256').update(real).digest('hex'));
}

/** The server's store, when it is on this machine and this user may write to it: proven by a file that the server made there just now. */
export async function findStore(context: Context, client: Client, { via, link = LINKS }: TransferOptions): Promise<ThreadStart['store']> {
  if (via === 'http') return undefined;
  const response = await client.fetch({ method: 'GET', path: '/store', options: { signal: context.signal } });
  const { local } = (await response.json()) as { local?: { root: string; proof: string } | null };
  if (local && isOurs(local.proof)) return { root: local.root, links: link };
  if (via === 'disk')
    throw new UsageError(`The store of ${context.server} is not on this machine, or belongs to another user: leave out --via disk.`);
  return undefined;
}

function isOurs(proof: string): boolean {
  try {
    const isMine = statSync(proof).uid === process.getuid?.();
    rmSync(proof);
    return isMine;
  } catch {
    return false;
  }
}
