import { receive } from '../receive.ts';
import type { FastifyInstance } from 'fastify';
import type { RunService } from '@pawl/engine';
import { z } from 'zod';
import { parsePart } from './route.ts';
import { idSchema } from './schema.ts';

const ARTIFACT_LIMIT = 64 * 1024 ** 3;

const place = z.object({ run: idSchema, '*': z.string().min(1).max(1024) });

/** Files of a run stream in as raw bytes, under their path; outside the OpenAPI document's JSON. */
export function mountArtifactUpload(server: FastifyInstance, { runs }: { readonly runs: RunService }): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.put('/v1/runs/:run/artifacts/*', { bodyLimit: ARTIFACT_LIMIT }, async (request) => {
      const { run, '*': path } = parsePart(place, request.params, 'path');
      const { digest, size } = await receive(request, (content) => runs.addArtifact(run, path, content));
      return { path, digest, size };
    });
  });
}
