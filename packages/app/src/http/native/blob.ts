import { receive } from '../receive.ts';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { decodeFrames, encodeFrame, encodeFrameError, fault, isFault } from '@pawl/core';
import type { Blobs, Digest, NamedBytes } from '@pawl/core';
import { z } from 'zod';
import { defineRoute, parsePart } from './route.ts';
import type { Route } from './route.ts';
import { digestSchema } from './schema.ts';

const BLOB_LIMIT = 64 * 1024 ** 3;
/** One message of many small contents; clients send far less at once. */
const PACK_LIMIT = 256 * 1024 ** 2;
const MOST_DIGESTS = 100_000;

const piecesSchema = z.object({ pieces: z.array(z.object({ digest: digestSchema, size: z.number().int().min(0) })).max(4_000_000) });
const fetchSchema = z.object({ digests: z.array(digestSchema).min(1).max(MOST_DIGESTS) });

export function blobRoutes({ blobs }: { readonly blobs: Blobs }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/blobs/missing',
      operation: 'blob.missing',
      summary: 'Tells which of the digests are not stored yet, so that only those are sent.',
      body: z.object({ digests: z.array(digestSchema).max(MOST_DIGESTS) }),
      response: z.object({ missing: z.array(digestSchema) }),
      handle: async ({ body }) => {
        return { missing: await blobs.missing(body.digests as Digest[]) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/blobs/:digest/pieces',
      operation: 'blob.cut',
      summary:
        'Cuts a stored content into its pieces, which are content too from then on: a new version of it can be sent by what is new in it.',
      params: z.object({ digest: digestSchema }),
      response: piecesSchema,
      handle: async ({ params }) => ({ pieces: await blobs.pieces(params.digest as Digest) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/blobs/:digest/pieces',
      operation: 'blob.join',
      summary: 'Makes a large content known by its pieces, which are stored already. It is read and verified.',
      params: z.object({ digest: digestSchema }),
      body: piecesSchema,
      bodyLimit: 256 * 1024 * 1024,
      response: z.object({ digest: digestSchema, size: z.number().int() }),
      handle: async ({ params, body }) =>
        blobs.putPieces(
          params.digest as Digest,
          body.pieces.map(({ digest, size }) => ({ digest: digest as Digest, size })),
        ),
    }),
  ];
}

/** Content streams in and out as raw bytes; these two are outside the OpenAPI document's JSON. */
export function mountBlobTransfer(server: FastifyInstance, { blobs }: { readonly blobs: Blobs }): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.put('/v1/blobs/:digest', { bodyLimit: BLOB_LIMIT }, async (request) => {
      const digest = toDigest((request.params as { digest: string }).digest);
      return receive(request, (content) => blobs.putStream(content, digest));
    });
    scope.post('/v1/blobs/pack', { bodyLimit: PACK_LIMIT }, async (request) =>
      blobs.putMany(decodeFrames(limited((request.body ?? []) as AsyncIterable<Uint8Array>))),
    );
    scope.get('/v1/blobs/:digest', async (request, reply) => {
      const digest = toDigest((request.params as { digest: string }).digest);
      if (!(await blobs.has(digest))) throw fault('blob_not_found', { digest });
      return reply.type('application/octet-stream').send(Readable.from(blobs.stream(digest)));
    });
  });
}

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

/**
 * Where the store is, for a command on the same machine: it then puts files there by itself, and no byte goes over the network. Told to this machine only; the command makes
 * sure by the proof that it sees the same disk as the same user, or sends what it has to send.
 */
export function mountStoreOffer(server: FastifyInstance, { blobs }: { readonly blobs: Blobs }): void {
  server.get('/v1/store', async (request) => {
    const offer = LOOPBACK.test(request.socket.remoteAddress ?? '') ? await blobs.offer() : undefined;
    return { local: offer ?? null };
  });
}

/** Many small contents out, in one message of frames. What is missing is told before it begins; what turns out to be damaged ends it, by name. */
export function mountBlobFetch(server: FastifyInstance, { blobs }: { readonly blobs: Blobs }): void {
  server.post('/v1/blobs/fetch', { bodyLimit: PACK_LIMIT }, async (request, reply) => {
    const digests = parsePart(fetchSchema, request.body, 'body').digests as Digest[];
    const [digest] = await blobs.missing(digests);
    if (digest !== undefined) throw fault('blob_not_found', { digest });
    return reply.type('application/octet-stream').send(Readable.from(framesOf(blobs.readMany(digests)), { objectMode: false }));
  });
}

async function* framesOf(contents: AsyncIterable<NamedBytes>): AsyncGenerator<Uint8Array> {
  try {
    let frames: Uint8Array[] = [];
    let size = 0;
    for await (const content of contents) {
      const frame = encodeFrame(content);
      frames.push(frame);
      size += frame.length;
      if (size < 256 * 1024) continue;
      yield Buffer.concat(frames);
      frames = [];
      size = 0;
    }
    if (frames.length > 0) yield Buffer.concat(frames);
  } catch (error) {
    yield encodeFrameError(isFault(error) ? error.message : 'The server cannot read what it has stored; its log says more.');
  }
}

async function* limited(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const bytes of source) {
    size += bytes.length;
    if (size > PACK_LIMIT) throw fault('too_large', { what: 'The message', limit: PACK_LIMIT });
    yield bytes;
  }
}

function toDigest(text: string): Digest {
  const parsed = digestSchema.safeParse(text);
  if (!parsed.success) throw fault('invalid_input', { where: 'digest in the path', problem: 'use sha256: and 64 hex digits.' });
  return parsed.data as Digest;
}
