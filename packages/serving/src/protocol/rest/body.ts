import type { IncomingMessage } from 'node:http';
import { fault } from '@pawl/core';

/** A body up to this many times the limit is read and thrown away, so that its sender reads the answer instead of a broken connection. */
const PATIENCE = 4;

/** Reads a body of at most `limit` bytes. Throws `too_large`; rejects when the client goes away. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
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
