import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';
import { toApiError, toUnreachable } from '@pawl/client';
import { failure, unreadable } from './fail.ts';

interface LocalFile {
  readonly absolute: string;
  readonly size: number;
}

/** Content moved to and from a server by digest, over few connections that stay open. */
export interface Transfer {
  /** Sends a file's bytes; the server keeps them only if they have the digest. `onBytes` hears of each piece. */
  put(digest: string, file: LocalFile, onBytes: (count: number) => void): Promise<void>;
  /** Sends many small contents in one message of frames. */
  putPack(body: Uint8Array): Promise<void>;
  /** Sends bytes, and tells their digest. */
  putBytes(bytes: Uint8Array): Promise<string>;
  /** Many small contents in one message of frames. */
  getPack(digests: readonly string[]): Promise<AsyncIterable<Uint8Array>>;
  /** The bytes of a digest, unverified: the reader hashes them. */
  get(digest: string): Promise<AsyncIterable<Uint8Array>>;
  close(): void;
}

/** Transfers at once: small files wait for the server's disk, not for the line. */
export const TRANSFERS = 8;
const SILENCE_MS = 120_000;
/** Bytes read at once. */
const PIECE = 256 * 1024;

export function createTransfer(options: { readonly server: string; readonly actor: string; readonly signal: AbortSignal }): Transfer {
  const { server, signal } = options;
  const base = new URL(server);
  const { Agent, request } = base.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: TRANSFERS });

  const open = (method: string, name: string, headers: http.OutgoingHttpHeaders): http.ClientRequest =>
    request(new URL(`${base.pathname.replace(/\/$/, '')}/api/v1/blobs/${name}`, base), {
      method,
      agent,
      signal,
      timeout: SILENCE_MS,
      headers: { 'x-pawl-actor': options.actor, ...headers },
    });

  const answerOf = (outgoing: http.ClientRequest): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      outgoing.once('response', resolve).once('error', reject);
      outgoing.once('timeout', () => outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })));
    });

  const refused = async (response: http.IncomingMessage): Promise<Error> => {
    const pieces: Buffer[] = [];
    for await (const piece of response) pieces.push(piece as Buffer);
    return toApiError(server, response.statusCode ?? 0, parse(Buffer.concat(pieces).toString('utf8')));
  };

  const lost = (error: unknown): unknown => {
    if (signal.aborted) return signal.reason;
    return (error as NodeJS.ErrnoException).syscall === undefined && (error as { status?: number }).status !== undefined
      ? error
      : toUnreachable(server, error);
  };

  /** A whole body at once; gives the answer when it is a good one. */
  const post = async (method: string, name: string, type: string, body: Uint8Array): Promise<http.IncomingMessage> => {
    const outgoing = open(method, name, { 'content-type': type, 'content-length': body.length });
    const answer = answerOf(outgoing);
    outgoing.end(body);
    const response = await answer.catch((error: unknown) => Promise.reject(lost(error)));
    if (response.statusCode !== 200) throw await refused(response);
    return response;
  };

  return {
    close: () => agent.destroy(),
    putPack: async (body) => void (await post('POST', 'pack', 'application/octet-stream', body)).resume(),
    async putBytes(bytes) {
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      (await post('PUT', digest, 'application/octet-stream', bytes)).resume();
      return digest;
    },
    getPack: async (digests) => readAll(await post('POST', 'fetch', 'application/json', Buffer.from(JSON.stringify({ digests }))), lost),
    async put(digest, file, onBytes) {
      const outgoing = open('PUT', digest, { 'content-type': 'application/octet-stream', 'content-length': file.size });
      const answer = answerOf(outgoing);
      const source = readExactly(file, signal);
      let unread: unknown;
      source.once('error', (error) => {
        unread = error;
        outgoing.destroy(error);
      });
      source.on('data', (piece) => onBytes(piece.length));
      source.pipe(outgoing);
      const response = await answer
        .catch((error: unknown) => Promise.reject(signal.aborted || unread === undefined ? lost(error) : unread))
        .finally(() => source.destroy());
      if (response.statusCode === 200) {
        response.resume();
        return;
      }
      const error = await refused(response);
      throw (error as { code?: string }).code === 'digest_mismatch' ? await changed(file) : error;
    },
    async get(digest) {
      const outgoing = open('GET', digest, {});
      outgoing.end();
      const response = await answerOf(outgoing).catch((error: unknown) => Promise.reject(lost(error)));
      if (response.statusCode !== 200) throw await refused(response);
      return readAll(response, lost);
    },
  };
}

async function* readAll(response: http.IncomingMessage, lost: (error: unknown) => unknown): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of response) yield piece as Buffer;
  } catch (error) {
    throw lost(error);
  }
}

/** A file's bytes as many as they were when it was hashed; ends with `file_unreadable` when there are fewer. */
function readExactly(file: LocalFile, signal: AbortSignal): Readable {
  if (file.size === 0) return Readable.from([]);
  const source = createReadStream(file.absolute, { end: file.size - 1, highWaterMark: Math.min(file.size, PIECE), signal });
  return Readable.from(
    (async function* () {
      let count = 0;
      try {
        for await (const piece of source) {
          count += (piece as Buffer).length;
          yield piece as Buffer;
        }
      } catch (error) {
        signal.throwIfAborted();
        throw await unreadable(file.absolute, error);
      }
      if (count < file.size) throw await changed(file);
    })(),
    { objectMode: false },
  );
}

const changed = (file: LocalFile): Promise<Error> =>
  failure('file_unreadable', { path: file.absolute, reason: 'it changed while it was read' });

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
