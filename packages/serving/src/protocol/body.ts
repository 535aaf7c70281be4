import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { fault } from '@pawl/core';

/** A body up to this many times the limit is read and thrown away, so that its sender reads the answer instead of a broken connection. */
const PATIENCE = 4;

const inflaters = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate) } as const;

/** Reads a body of at most `limit` bytes, inflated. Throws `too_large`, `encoding_unsupported`, `request_invalid`; rejects when the client goes away. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity') return readBytes(request, limit);
  if (!Object.hasOwn(inflaters, encoding)) throw fault('encoding_unsupported', { encoding: encoding.slice(0, LONGEST_NAME) });
  const bytes = await readBytes(request, limit);
  try {
    return await inflaters[encoding as keyof typeof inflaters](bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw fault('too_large', { what: 'The request body', limit }, error);
    throw fault('request_invalid', { problem: `The request body is not ${encoding}.` }, error);
  }
}

const LONGEST_NAME = 40;

async function readBytes(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const tooLarge = () => fault('too_large', { what: 'The request body', limit });
  if (Number(request.headers['content-length'] ?? 0) > limit * PATIENCE) throw tooLarge();
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks = [];
      if (size > limit * PATIENCE) {
        request.pause();
        reject(tooLarge());
      }
    });
    request.on('end', () => {
      if (size > limit) reject(tooLarge());
      else resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client closed the connection')));
  });
}
