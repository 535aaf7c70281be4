import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fault, toArtifactPath } from '@pawl/core';
import type { ArtifactPlace } from '@pawl/core';
import type { ArtifactService, UploadService } from '@pawl/engine';
import { toFileInfos } from './artifact.ts';
import { sendFile } from './download.ts';
import { refuseOtherMethods, toInput } from './frame.ts';
import { invalidParameter } from './errors.ts';
import { receive } from '../receive.ts';

export interface ProxyServices {
  readonly artifacts: ArtifactService;
  readonly uploads: UploadService;
}

const BODY_LIMIT = 1024 ** 4;
const MOST_PARTS = 10_000;
const FILES = '/mlflow-artifacts/artifacts';
const MULTIPART = '/mlflow-artifacts/mpu';

/** The files that clients send to and fetch from the server itself, under `mlflow-artifacts:/`. */
export function mountArtifactProxy(scope: FastifyInstance, { artifacts, uploads }: ProxyServices): void {
  const placeOf = (request: FastifyRequest): Promise<ArtifactPlace> => artifacts.locate(wildcardOf(request));

  scope.get(FILES, async (request) => {
    const place = await artifacts.locate(toInput(request).string('path') ?? '');
    return { files: toFileInfos(await artifacts.list(place), '') };
  });
  refuseOtherMethods(scope, FILES, ['GET']);

  scope.route({
    // Both by hand: the framework's own HEAD would read the file, and tell a length of 0.
    method: ['GET', 'HEAD'],
    url: `${FILES}/*`,
    handler: async (request, reply) => sendFile(request, reply, artifacts, await artifacts.file(await placeOf(request))),
  });
  scope.delete(`${FILES}/*`, async (request) => {
    const path = wildcardOf(request);
    // The root of everything is nobody's to delete.
    if (toArtifactPath(path) === '') throw fault('path_unsafe', { path });
    await artifacts.remove(await artifacts.locate(path));
    return {};
  });
  refuseOtherMethods(scope, `${FILES}/*`, ['GET', 'PUT', 'DELETE']);

  scope.get('/mlflow-artifacts/presigned/*', async (request) => {
    const file = await artifacts.file(await placeOf(request));
    const path = wildcardOf(request).split('/').map(encodeURIComponent).join('/');
    return { url: `${originOf(request)}${FILES}/${path}`, headers: {}, file_size: file.size };
  });

  mountMultipart(scope, uploads, placeOf);

  void scope.register(async (streams) => {
    streams.removeAllContentTypeParsers();
    streams.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    streams.put(`${FILES}/*`, { bodyLimit: BODY_LIMIT }, async (request) => {
      await receive(request, async (content) => artifacts.put(await placeOf(request), content));
      return {};
    });
    streams.put(`${MULTIPART}/part/:upload/:number`, { bodyLimit: BODY_LIMIT }, async (request, reply) => {
      const { upload, number } = request.params as { upload: string; number: string };
      const { token } = request.query as { token?: unknown };
      const part = await receive(request, (content) => uploads.putPart(upload, String(token), Number(number), content));
      return reply.header('etag', `"${part.digest}"`).send();
    });
  });
}

/** Large files in parts: clients ask for it by MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD. The path is that of the folder, and the body names the file. */
function mountMultipart(
  scope: FastifyInstance,
  uploads: UploadService,
  placeOf: (request: FastifyRequest) => Promise<ArtifactPlace>,
): void {
  const target = async (request: FastifyRequest): Promise<ArtifactPlace> => {
    const folder = await placeOf(request);
    const name = toInput(request).string('path', { required: true }).split(/[/\\]/).at(-1) ?? '';
    return { ...folder, path: toArtifactPath(folder.path === '' ? name : `${folder.path}/${name}`) };
  };

  scope.post(`${MULTIPART}/create/*`, async (request) => {
    const input = toInput(request);
    const parts = input.integer('num_parts') ?? 1;
    if (parts < 1 || parts > MOST_PARTS) throw invalidParameter('num_parts', parts, `It must be from 1 to ${MOST_PARTS}.`);
    const { id, token } = await uploads.begin(await target(request));
    const url = (number: number): string => `${originOf(request)}${MULTIPART}/part/${id}/${number}?token=${token}`;
    return {
      upload_id: id,
      credentials: Array.from({ length: parts }, (_, at) => ({ url: url(at + 1), part_number: at + 1, headers: {} })),
    };
  });
  scope.post(`${MULTIPART}/complete/*`, async (request) => {
    const input = toInput(request);
    const parts = input.list('parts').map((part) => {
      const digest = part.string('etag')?.replaceAll('"', '');
      return { number: part.integer('part_number', { required: true }), ...(digest === undefined || digest === '' ? {} : { digest }) };
    });
    await uploads.complete(await target(request), input.string('upload_id', { required: true }), parts);
    return {};
  });
  scope.post(`${MULTIPART}/abort/*`, async (request) => {
    await uploads.abort(await target(request), toInput(request).string('upload_id', { required: true }));
    return {};
  });
}

/** Decoded once, by the router: what is still encoded then is part of a name. */
function wildcardOf(request: FastifyRequest): string {
  return (request.params as { '*': string })['*'];
}

/** The address that the client knows this server by, with the root of the API it speaks to. A proxy before the server tells it in the usual headers. */
function originOf(request: FastifyRequest): string {
  const { 'x-forwarded-proto': scheme, 'x-forwarded-host': host } = request.headers;
  const root = /^\/(?:ajax-)?api\/[^/]+/.exec(request.url)?.[0] ?? '';
  return `${first(scheme) ?? request.protocol}://${first(host) ?? request.host}${root}`;
}

function first(header: string | string[] | undefined): string | undefined {
  return (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim() || undefined;
}
