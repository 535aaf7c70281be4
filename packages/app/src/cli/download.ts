import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { toUnreachable } from '@pawl/client';
import type { Context } from './context.ts';
import { unwritable } from './fail.ts';

/** Writes an answer's bytes to a file that appears whole or not at all. Throws `not_writable`, `server_unreachable`. */
export async function writeAnswer(context: Context, response: Response, path: string): Promise<void> {
  const { signal } = context;
  const aside = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.part`);
  try {
    await pipeline(response.body ?? [], createWriteStream(aside, { flags: 'wx' }), { signal });
    await rename(aside, path);
  } catch (error) {
    signal.throwIfAborted();
    const onDisk = ['open', 'write', 'close', 'rename'].includes((error as NodeJS.ErrnoException).syscall ?? '');
    throw onDisk ? await unwritable(path, error) : toUnreachable(context.server, error);
  } finally {
    await rm(aside, { force: true });
  }
}
