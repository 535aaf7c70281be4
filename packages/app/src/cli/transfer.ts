import { createReadStream } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { toApiError, toUnreachable } from '@pawl/client';
import { failure, unreadable } from './fail.ts';
import type { LocalFile } from './files.ts';

/** Content moved to and from a server by digest, over few connections that stay open. */
export interface Transfer {
  /** Sends a file's bytes; the server keeps them only if they have the digest. `onBytes` hears of each piece. */
  put(digest: string, file: LocalFile, onBytes: (count: number) => void): Promise<void>;
  /** The bytes of a digest, unverified: the reader hashes them. */
  get(digest: string): Promise<AsyncIterable<Uint8Array>>;
  close(): void;
}

/** Transfers at once: small files wait for the server's disk, not for the line. */
export const TRANSFERS = 8;
const SILENCE_MS = 120_000;

export function createTransfer(options: { readonly server: string; readonly actor: string; readonly signal: AbortSignal }): Transfer {
  const { server, signal } = options;
  const base = new URL(server);
  const { Agent, request } = base.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: TRANSFERS });

  const open = (method: string, digest: string, headers: http.OutgoingHttpHeaders): http.ClientRequest =>
    request(new URL(`${base.pathname.replace(/\/$/, '')}/api/v1/blobs/${digest}`, base), {
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

  return {
    close: () => agent.destroy(),
    async put(digest, file, onBytes) {
      const outgoing = open('PUT', digest, { 'content-type': 'application/octet-stream', 'content-length': file.size });
      const answer = answerOf(outgoing);
      // A server that refuses early answers while bytes still flow: its answer counts, not the broken pipe.
      answer.catch(() => undefined);
      const source = createReadStream(file.absolute, { highWaterMark: 256 * 1024, signal });
      source.on('data', (piece) => onBytes(piece.length));
      let broken: NodeJS.ErrnoException | undefined;
      source.once('error', (error) => (broken ??= error));
      const sent = pipeline(source, outgoing).catch((error: unknown) => error);
      const response = await Promise.race([
        answer,
        sent.then((error) => (error === undefined ? answer : Promise.any([answer, later(error)]))),
      ]).catch(async (error: unknown) => {
        outgoing.destroy();
        if (!signal.aborted && broken !== undefined && broken.syscall !== undefined) throw await unreadable(file.absolute, broken);
        throw lost(error instanceof AggregateError ? error.errors[0] : error);
      });
      if (response.statusCode === 200) {
        response.resume();
        return;
      }
      const error = await refused(response);
      if ((error as { code?: string }).code === 'digest_mismatch')
        throw await failure('file_unreadable', { path: file.absolute, reason: 'it changed while it was read' }, error);
      throw error;
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

/** A moment for an answer that is on its way to arrive first. */
function later(error: unknown): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(error), 500));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
