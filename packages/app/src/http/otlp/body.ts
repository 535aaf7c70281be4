import { promisify } from 'node:util';
import { fault } from '@pawl/core';

/** Bytes of a request, packed or not. Exporters send some 100 KB at a time. */
export const MOST_BYTES: number = 64 * 1024 * 1024;

type Unpack = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Uint8Array>;

/** A body without its Content-Encoding. Throws `spans_unreadable`, `spans_too_large`. */
export async function unpack(bytes: Uint8Array, encoding: string | undefined): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return bytes;
  const zlib = await import('node:zlib');
  const ways: Readonly<Record<string, Unpack>> = {
    gzip: promisify(zlib.gunzip),
    deflate: promisify(zlib.inflate),
    zstd: promisify(zlib.zstdDecompress),
  };
  const way = Object.hasOwn(ways, name) ? ways[name] : undefined;
  if (way === undefined) throw fault('spans_unreadable', { problem: `Content-Encoding ${name} is not known; use gzip.` });
  try {
    return await way(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw fault('spans_too_large', { what: 'bytes', limit: MOST_BYTES }, error);
    throw fault('spans_unreadable', { problem: `they are not packed as ${name}.` }, error);
  }
}
