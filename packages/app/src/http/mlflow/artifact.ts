import { toArtifactPath } from '@pawl/core';
import type { ArtifactEntry, ArtifactPlace } from '@pawl/core';
import type { ArtifactService, LoggedModelService, ModelService, RunService } from '@pawl/engine';
import type { FastifyInstance } from 'fastify';
import { sendFile } from './download.ts';
import { answerMlflowErrors, defineMlflowRoute, toInput } from './frame.ts';
import type { FramePorts, MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { unlessEmpty } from './json.ts';
import { toRunId } from './tracking-wire.ts';

export interface ArtifactServices {
  readonly artifacts: ArtifactService;
  readonly runs: RunService;
  readonly models: ModelService;
  readonly loggedModels: LoggedModelService;
}

export interface FileInfo {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

/** The framework's own HEAD would read the whole file. */
const plain = { exposeHeadRoute: false };

/** `folder` is put before the names; empty for names alone. */
export function toFileInfos(entries: readonly ArtifactEntry[], folder: string): readonly FileInfo[] | undefined {
  return unlessEmpty(
    entries.map(({ name, size }) => ({
      path: folder === '' ? name : `${folder}/${name}`,
      is_dir: size === null,
      ...(size === null ? {} : { file_size: size }),
    })),
  );
}

/** Lists of artifacts, by paths relative to their run. */
export function artifactRoutes({ artifacts, runs }: ArtifactServices): readonly MlflowRoute[] {
  return [
    defineMlflowRoute({
      operation: 'listArtifacts',
      method: 'GET',
      version: '2.0',
      path: '/artifacts/list',
      handle: async (input) => {
        const run = await runs.get(toRunId(input));
        const path = toArtifactPath(input.string('path') ?? '');
        return { root_uri: run.artifactUri, files: toFileInfos(await artifacts.list({ tree: `run/${run.id}`, path }), path) };
      },
    }),
  ];
}

/** Downloads that pages link to, outside of any version of the API. */
export function mountArtifactPages(server: FastifyInstance, services: ArtifactServices, ports: FramePorts): void {
  const { artifacts, runs, models } = services;
  void server.register(async (scope) => {
    answerMlflowErrors(scope, ports);
    scope.get('/get-artifact', plain, async (request, reply) => {
      const input = toInput(request);
      const run = await runs.get(toRunId(input));
      return sendFile(request, reply, artifacts, await artifacts.file(placeIn(`run/${run.id}`, input, 'path')));
    });
    scope.get('/model-versions/get-artifact', plain, async (request, reply) => {
      const input = toInput(request);
      const version = await models.version(input.string('name', { required: true }), input.string('version', { required: true }));
      const path = toArtifactPath(input.string('path', { required: true }));
      return sendFile(request, reply, artifacts, await artifacts.ofVersion(version, path));
    });
  });
}

/** The file of a logged model that a page shows; under /ajax-api only. */
export function mountLoggedModelFile(scope: FastifyInstance, { artifacts, loggedModels }: ArtifactServices): void {
  scope.get('/mlflow/logged-models/:model_id/artifacts/files', plain, async (request, reply) => {
    const input = toInput(request);
    const model = await loggedModels.get(input.string('model_id', { required: true }));
    return sendFile(request, reply, artifacts, await artifacts.file(placeIn(`model/${model.id}`, input, 'artifact_file_path')));
  });
}

function placeIn(tree: ArtifactPlace['tree'], input: MlflowInput, name: string): ArtifactPlace {
  return { tree, path: toArtifactPath(input.string(name, { required: true })) };
}
