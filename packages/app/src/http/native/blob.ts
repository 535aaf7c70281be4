import { receive } from '../receive.ts';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { fault } from '@pawl/core';
import type { Blobs, Digest } from '@pawl/core';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { digestSchema } from './schema.ts';

const BLOB_LIMIT = 64 * 1024 ** 3;

export function blobRoutes({ blobs }: { readonly blobs: Blobs }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/blobs/missing',
      operation: 'blob.missing',
      summary: 'Tells which of the digests are not stored yet, so that only those are sent.',
      body: z.object({ digests: z.array(digestSchema).max(100_000) }),
      response: z.object({ missing: z.array(digestSchema) }),
      handle: async ({ body }) => {
        const missing: string[] = [];
        for (const digest of new Set(body.digests)) if (!(await blobs.has(digest as Digest))) missing.push(digest);
        return { missing };
      },
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
    scope.get('/v1/blobs/:digest', async (request, reply) => {
      const digest = toDigest((request.params as { digest: string }).digest);
      if (!(await blobs.has(digest))) throw fault('blob_not_found', { digest });
      return reply.type('application/octet-stream').send(Readable.from(blobs.stream(digest)));
    });
  });
}

function toDigest(text: string): Digest {
  const parsed = digestSchema.safeParse(text);
  if (!parsed.success) throw fault('invalid_input', { where: 'digest in the path', problem: 'use sha256: and 64 hex digits.' });
  return parsed.data as Digest;
}
