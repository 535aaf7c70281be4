import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ArtifactFile } from '@pawl/core';
import type { ArtifactService } from '@pawl/engine';
import { toContentType } from './content-type.ts';
import { parseRange } from '../range.ts';

/** Chunks of 256 KB that are read ahead of a slow client. */
const READ_AHEAD = 2;

/** Sends a stored file as a download, whole or the range asked for, while it is read: memory does not grow with its size. */
export function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  artifacts: Pick<ArtifactService, 'content'>,
  file: ArtifactFile,
): FastifyReply {
  const etag = `"${file.digest}"`;
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  reply
    .header('accept-ranges', 'bytes')
    .header('etag', etag)
    .header('x-content-type-options', 'nosniff')
    .header('content-disposition', toDisposition(name));
  const { 'if-none-match': known, 'if-range': condition, range: wanted } = request.headers;
  if (known !== undefined && known.split(',').some((each) => ['*', etag, `W/${etag}`].includes(each.trim())))
    return reply.status(304).send();
  const range = condition === undefined || condition === etag ? parseRange(wanted, file.size) : undefined;
  if (range === null) return reply.status(416).header('content-range', `bytes */${file.size}`).send();
  reply.type(toContentType(name)).header('content-length', range === undefined ? file.size : range.end - range.start);
  if (range !== undefined) reply.status(206).header('content-range', `bytes ${range.start}-${range.end - 1}/${file.size}`);
  if (request.method === 'HEAD') return reply.send('');
  return reply.send(Readable.from(artifacts.content(file, range), { highWaterMark: READ_AHEAD }));
}

/** RFC 6266: an ASCII name for old clients, and the real one. */
function toDisposition(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return plain === name ? `attachment; filename="${plain}"` : `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
