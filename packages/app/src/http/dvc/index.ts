import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fault, isFault } from '@pawl/core';
import type { Ids, Log } from '@pawl/core';
import type { DvcName, DvcService } from '@pawl/engine';
import { toActor } from '../actor.ts';
import { parseRange } from '../range.ts';
import { receive } from '../receive.ts';

export interface DvcHttpPorts {
  readonly log: Log;
  readonly ids: Ids;
}

const BODY_LIMIT = 1024 ** 4;
/** Chunks that are read ahead of a slow client. */
const READ_AHEAD = 2;

/** Where DVC 3 keeps objects below the address of a remote, and where DVC 2 kept them (`iterative/dvc-objects:src/dvc_objects/db.py`). */
const PATHS = [
  { path: '/files/md5/:first/:rest', legacy: false },
  { path: '/:first/:rest', legacy: true },
] as const;

const statuses: Readonly<Record<string, number>> = {
  dvc_object_not_found: 404,
  dvc_object_collision: 409,
  dvc_object_mismatch: 422,
  dvc_tree_incomplete: 422,
  dvc_tree_invalid: 422,
  not_writable: 507,
};

function toName(request: FastifyRequest, legacy: boolean): DvcName {
  const { dataset = '', first = '', rest = '' } = request.params as Record<string, string | undefined>;
  const name = `${first}${rest}`;
  if (!/^[0-9a-f]{2}$/.test(first) || !/^[0-9a-f]{30}(\.dir)?$/.test(rest)) throw fault('dvc_object_not_found', { name });
  return { dataset, name, legacy };
}

/** Answers an object, whole or the range asked for. Nothing is compressed: clients trust the length. */
async function send(request: FastifyRequest, reply: FastifyReply, dvc: DvcService, name: DvcName): Promise<FastifyReply> {
  const object = await dvc.object(name);
  const range = parseRange(request.headers.range, object.size);
  reply.header('accept-ranges', 'bytes').type('application/octet-stream');
  if (range === null) return reply.status(416).header('content-range', `bytes */${object.size}`).send();
  reply.header('content-length', range === undefined ? object.size : range.end - range.start);
  if (range !== undefined) reply.status(206).header('content-range', `bytes ${range.start}-${range.end - 1}/${object.size}`);
  if (request.method === 'HEAD') return reply.send('');
  // Clients ask whether an object is there by asking for it, and hang up once they see the status: what is not read is not fetched.
  return reply.send(Readable.from(dvc.content(object, range), { highWaterMark: READ_AHEAD }));
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, { log, ids }: DvcHttpPorts): FastifyReply {
  const gone = request.raw.destroyed && !request.raw.complete;
  if (isFault(error) && (error.kind === 'user' || statuses[error.code] !== undefined)) {
    // A refused push shows its status only: here is where to read why.
    if (error.code !== 'dvc_object_not_found' && !gone)
      log.warn({ code: error.code, reason: error.message, url: request.url }, 'DVC was refused');
    const message = error.code === 'not_writable' ? `The server cannot store this: ${String(error.details['reason'])}.` : error.message;
    return reply.status(statuses[error.code] ?? 400).send({ error: message });
  }
  const { statusCode } = error as { statusCode?: unknown };
  if (typeof statusCode === 'number' && statusCode < 500) return reply.status(statusCode).send({ error: 'The request cannot be read.' });
  const reference = ids.next();
  if (!gone) log.error({ err: error, reference, url: request.url }, 'a request of DVC failed');
  return reply.status(500).send({ error: `The server could not do this; its log has the details under ${reference}.` });
}

/** The server as an HTTP remote of DVC, one a dataset: `dvc remote add pawl http://…/dvc/<dataset>`. Listing is not part of that protocol: any other path is 404. */
export function mountDvc(server: FastifyInstance, { dvc }: { readonly dvc: DvcService }, ports: DvcHttpPorts): void {
  void server.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      scope.setErrorHandler((error, request, reply) => answerError(error, request, reply, ports));
      scope.setNotFoundHandler((request, reply) =>
        reply.status(404).send({ error: `There is nothing at ${request.url.split('?')[0] ?? ''}.` }),
      );
      for (const { path, legacy } of PATHS) {
        scope.route({
          method: ['GET', 'HEAD'],
          url: path,
          handler: (request, reply) => send(request, reply, dvc, toName(request, legacy)),
        });
        scope.route({
          method: ['POST', 'PUT'],
          url: path,
          bodyLimit: BODY_LIMIT,
          handler: async (request, reply) => {
            const name = toName(request, legacy);
            const version = request.headers['x-pawl-version'] !== 'none';
            await receive(request, (content) => dvc.put(name, content, { version, actor: toActor(request, 'user:dvc') }));
            return reply.status(200).send({});
          },
        });
      }
    },
    { prefix: '/dvc/:dataset' },
  );
}
