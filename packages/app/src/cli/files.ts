import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { failure, unreadable } from './fail.ts';

/** A regular file that is to be stored. */
export interface LocalFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly absolute: string;
  readonly size: number;
  readonly mode: number;
}

/** Up to this size a file is read at once: for many small files that is much faster than a stream for each. */
const SMALL = 1024 * 1024;

/** `sha256:<hex>` of a file's bytes. Throws `file_unreadable`, also when it is not as long as it was found to be. */
export async function digestFile(file: { readonly absolute: string; readonly size: number }, signal: AbortSignal): Promise<string> {
  const { absolute, size } = file;
  const hash = createHash('sha256');
  let count = 0;
  try {
    const pieces = size <= SMALL ? [await readFile(absolute, { signal })] : createReadStream(absolute, { signal, highWaterMark: SMALL });
    for await (const piece of pieces) {
      hash.update(piece as Buffer);
      count += (piece as Buffer).length;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw await unreadable(absolute, error);
  }
  if (count !== size) throw await failure('file_unreadable', { path: absolute, reason: 'it changed while it was read' });
  return `sha256:${hash.digest('hex')}`;
}
