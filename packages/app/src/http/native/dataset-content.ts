import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Blobs } from '@pawl/core';
import type { DatasetService } from '@pawl/engine';
import { z } from 'zod';
import { parseRange } from '../range.ts';
import { versionedParams } from './dataset.ts';
import { parsePart } from './route.ts';

const place = versionedParams.extend({ '*': z.string().min(1).max(1024) });

/** One file of a version streams out as its bytes, whole or a range of them; outside the OpenAPI document's JSON. */
export function mountDatasetContent(
  server: FastifyInstance,
  { datasets, blobs }: { readonly datasets: DatasetService; readonly blobs: Blobs },
): void {
  server.get('/v1/datasets/:dataset/versions/:version/content/*', async (request, reply) => {
    const { dataset, version, '*': path } = parsePart(place, request.params, 'path');
    const { digest, size } = await datasets.file(await datasets.resolve(`${dataset}:${version}`), path);
    const range = parseRange(request.headers.range, size);
    void reply.header('accept-ranges', 'bytes').header('etag', `"${digest}"`).type('application/octet-stream');
    if (range === null) return reply.code(416).header('content-range', `bytes */${size}`).send();
    if (range === undefined) return reply.header('content-length', size).send(Readable.from(blobs.stream(digest)));
    void reply.code(206).header('content-range', `bytes ${range.start}-${range.end - 1}/${size}`);
    return reply.header('content-length', range.end - range.start).send(Readable.from(blobs.streamRange(digest, range)));
  });
}
