import { open } from 'node:fs/promises';
import { createHash, hash } from 'node:crypto';
import { CHUNK_SIZE, cutChunk } from '@pawl/core/content';
import { toReadFault } from '../reason.ts';

export interface Chunk {
  readonly key: Buffer;
  readonly offset: number;
  /** Valid until the next chunk is asked for. */
  readonly bytes: Uint8Array;
}

const WINDOW = 4 * 1024 * 1024;

/** Cuts a file into its chunks; the last value returned is the SHA-256 of the whole. Throws `file_unreadable`. */
export async function* chunksOfFile(path: string): AsyncGenerator<Chunk, { readonly key: Buffer; readonly size: number }> {
  const whole = createHash('sha256');
  const window = Buffer.allocUnsafe(WINDOW);
  const file = await open(path, 'r').catch((error: unknown) => Promise.reject(toReadFault(path, error)));
  try {
    let [filled, offset, ended] = [0, 0, false];
    for (;;) {
      while (!ended && filled < WINDOW) {
        const { bytesRead } = await file
          .read(window, filled, WINDOW - filled)
          .catch((error: unknown) => Promise.reject(toReadFault(path, error)));
        whole.update(window.subarray(filled, filled + bytesRead));
        filled += bytesRead;
        ended = bytesRead === 0;
      }
      let start = 0;
      // A cut is sure when it lies within what is read, or the content ends there.
      while (start < filled && (ended || filled - start >= CHUNK_SIZE.most)) {
        const cut = cutChunk(window, start, filled);
        const bytes = window.subarray(start, cut);
        yield { key: hash('sha256', bytes, 'buffer'), offset: offset + start, bytes };
        start = cut;
      }
      window.copyWithin(0, start, filled);
      filled -= start;
      offset += start;
      if (ended && filled === 0) return { key: whole.digest(), size: offset };
    }
  } finally {
    await file.close();
  }
}
