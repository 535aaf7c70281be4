import { checkManifest, checkModelName, fault, modelStages, PROXY_ROOT, toPackagePath } from '@pawl/core';
import type {
  Blobs,
  Clock,
  Database,
  DatasetRef,
  Ids,
  Manifest,
  Model,
  ModelAlias,
  ModelStage,
  ModelVersion,
  Page,
  PageRequest,
  RunInput,
  Writers,
} from '@pawl/core';
import { retryOnConflict } from '../conflict.ts';
import { putManifest, requireContent } from '../dataset/manifest-blob.ts';
import { insertModel, insertVersion } from './insert.ts';
import { moveStage } from './stage.ts';
import type { StageMove } from './stage.ts';

export interface ModelPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Refuses a package that could not be served. Throws `model_package_invalid`, `model_file_invalid`. */
  readonly verifyPackage: (manifest: Manifest) => Promise<void>;
}

export interface NewModelVersion {
  readonly model: string;
  readonly manifest: Manifest;
  readonly run: string | null;
  readonly task: string | null;
  readonly inputs: readonly RunInput[];
  readonly evaluation: DatasetRef | null;
  readonly description: string;
  /** Registering again under the same key gives the same version. */
  readonly key: string;
  readonly actor: string;
}

export interface ModelService {
  register(input: NewModelVersion): Promise<{ readonly version: ModelVersion; readonly created: boolean }>;
  get(name: string): Promise<Model>;
  list(page: PageRequest): Promise<Page<Model>>;
  versions(model: string, stage: ModelStage | undefined, page: PageRequest): Promise<Page<ModelVersion>>;
  /** By number, alias or stage, in any case of letters. Throws `model_not_found`, `model_version_not_found`. */
  version(model: string, which: string): Promise<ModelVersion>;
  aliases(...models: readonly string[]): Promise<readonly ModelAlias[]>;
  /** Moves a version inside a transaction, asking neither gate nor approver: for the rollout that has. */
  setStage(tx: Writers, input: StageMove): Promise<ModelVersion>;
}

export function createModelService(ports: ModelPorts): ModelService {
  const { database, blobs, clock } = ports;

  const get = async (name: string): Promise<Model> => {
    const model = await database.read.models.get(name);
    if (model === undefined) throw fault('model_not_found', { name });
    return model;
  };

  const setStage: ModelService['setStage'] = (tx, move) => moveStage(ports, tx, move);

  const ensureModel = async (tx: Writers, name: string, actor: string): Promise<Model> => {
    const found = await tx.models.get(name);
    if (found !== undefined) return found;
    const now = clock.now();
    const model: Model = { name, description: '', tags: {}, lastVersion: 0, createdAt: now, createdBy: actor, updatedAt: now };
    await insertModel(ports, tx, model);
    return model;
  };

  return {
    get,
    setStage,
    list: (page) => database.read.models.list(page),
    aliases: (...names) => database.read.models.aliases(...names),
    async versions(model, stage, page) {
      await get(model);
      return database.read.models.versions(model, stage, page);
    },
    async version(model, which) {
      await get(model);
      const byNumber = /^[1-9][0-9]{0,8}$/.test(which) ? Number(which) : undefined;
      const alias = (await database.read.models.aliases(model)).find((one) => one.alias === which)?.version;
      const stage = modelStages.find((one) => one.toLowerCase() === which.toLowerCase());
      const newest = which.toLowerCase() === 'latest';
      const staged =
        stage === undefined && !newest ? undefined : (await database.read.models.versions(model, stage, { limit: 1 })).items[0]?.version;
      const number = byNumber ?? alias ?? staged;
      const found = number === undefined ? undefined : await database.read.models.version(model, number);
      if (found === undefined) throw fault('model_version_not_found', { name: model, version: which });
      return found;
    },
    async register(input) {
      checkModelName(input.model);
      const earlier = await database.read.models.byKey(input.model, input.key);
      if (earlier !== undefined) return { version: earlier, created: false };
      const manifest = checkManifest(input.manifest);
      await requireContent(blobs, manifest);
      await ports.verifyPackage(manifest);
      const digest = await putManifest(blobs, manifest);
      return retryOnConflict(`Model "${input.model}"`, () =>
        database.transaction(async (tx) => {
          const again = await tx.models.byKey(input.model, input.key);
          if (again !== undefined) return { version: again, created: false };
          const model = await ensureModel(tx, input.model, input.actor);
          const content = {
            package: digest,
            source: null,
            location: `${PROXY_ROOT}${toPackagePath(digest)}`,
            loggedModel: null,
            run: input.run,
            runLink: '',
            task: input.task,
            inputs: input.inputs,
            evaluation: input.evaluation,
            description: input.description,
            tags: {},
            key: input.key,
          };
          const version = await insertVersion(ports, tx, model, content, input.actor);
          // MLflow's clients load it by path, from the artifact proxy.
          for (const { path, ...file } of manifest.entries)
            await tx.artifacts.put('free', {
              path: `${toPackagePath(digest)}/${path}`,
              digest: file.digest,
              size: file.size,
            });
          return { version, created: true };
        }),
      );
    },
  };
}
