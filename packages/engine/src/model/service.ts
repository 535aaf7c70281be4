import { fault } from '@pawl/core';
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
import { Conflict, expectWon, retryOnConflict } from '../conflict.ts';
import { putManifest } from '../dataset/manifest-blob.ts';
import { checkManifest } from '../dataset/manifest.ts';
import { toEvent } from '../event.ts';

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
  /** By number, alias or stage name. Throws `model_not_found`, `model_version_not_found`. */
  version(model: string, which: string): Promise<ModelVersion>;
  aliases(model: string): Promise<readonly ModelAlias[]>;
  setAlias(input: { readonly model: string; readonly alias: string; readonly version: number; readonly actor: string }): Promise<void>;
  /** Moves a version to a stage. Production takes only a version whose gate said PASS or was forced (when the model has a gate). */
  moveToStage(input: {
    readonly model: string;
    readonly version: number;
    readonly stage: ModelStage;
    readonly reason: string;
    readonly actor: string;
  }): Promise<ModelVersion>;
  /** The same inside a transaction, without the gate's question: for the rollout that has asked it. Whatever was in Production is archived. */
  setStage(
    tx: Writers,
    input: {
      readonly model: string;
      readonly version: number;
      readonly stage: ModelStage;
      readonly reason: string;
      readonly actor: string;
    },
  ): Promise<ModelVersion>;
}

const STAGES: readonly ModelStage[] = ['None', 'Staging', 'Production', 'Archived'];

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export function createModelService(ports: ModelPorts): ModelService {
  const { database, blobs, clock } = ports;

  const get = async (name: string): Promise<Model> => {
    const model = await database.read.models.get(name);
    if (model === undefined) throw fault('model_not_found', { name });
    return model;
  };

  const setStage: ModelService['setStage'] = async (tx, { model, version, stage, reason, actor }) => {
    const found = await tx.models.version(model, version);
    if (found === undefined) throw fault('model_version_not_found', { name: model, version: String(version) });
    if (found.stage === stage) return found;
    const changed: ModelVersion = { ...found, stage, revision: found.revision + 1 };
    if (stage === 'Production') {
      const { items } = await tx.models.versions(model, 'Production', { limit: 100 });
      for (const other of items) {
        expectWon(await tx.models.updateVersion({ ...other, stage: 'Archived', revision: other.revision + 1 }, other.revision));
        await tx.events.append([stageEvent(other, 'Archived', `version ${version} entered Production`, actor)]);
      }
    }
    expectWon(await tx.models.updateVersion(changed, found.revision));
    await tx.events.append([stageEvent(found, stage, reason, actor)]);
    return changed;
  };

  const stageEvent = (version: ModelVersion, stage: ModelStage, reason: string, actor: string) =>
    toEvent(ports, 'model.stage_changed', `model/${version.model}/${version.version}`, actor, {
      model: version.model,
      version: version.version,
      from: version.stage,
      to: stage,
      reason,
    });

  return {
    get,
    setStage,
    list: (page) => database.read.models.list(page),
    aliases: (model) => database.read.models.aliases(model),
    async versions(model, stage, page) {
      await get(model);
      return database.read.models.versions(model, stage, page);
    },
    async version(model, which) {
      await get(model);
      const byNumber = /^[1-9][0-9]{0,8}$/.test(which) ? Number(which) : undefined;
      const alias = (await database.read.models.aliases(model)).find((one) => one.alias === which)?.version;
      const stage = STAGES.find((one) => one === which);
      const staged = stage === undefined ? undefined : (await database.read.models.versions(model, stage, { limit: 1 })).items[0]?.version;
      const number = byNumber ?? alias ?? staged;
      const found = number === undefined ? undefined : await database.read.models.version(model, number);
      if (found === undefined) throw fault('model_version_not_found', { name: model, version: which });
      return found;
    },
    async register(input) {
      if (!NAME.test(input.model))
        throw fault('invalid_input', { where: 'model name', problem: 'use letters, digits, dot, dash and underscore, at most 128.' });
      const earlier = await database.read.models.byKey(input.model, input.key);
      if (earlier !== undefined) return { version: earlier, created: false };
      const manifest = checkManifest(input.manifest);
      await ports.verifyPackage(manifest);
      const digest = await putManifest(blobs, manifest);
      return retryOnConflict(`Model "${input.model}"`, () =>
        database.transaction(async (tx) => {
          const again = await tx.models.byKey(input.model, input.key);
          if (again !== undefined) return { version: again, created: false };
          const now = clock.now();
          await tx.models.create({ name: input.model, createdAt: now });
          const last = (await tx.models.versions(input.model, undefined, { limit: 1 })).items[0];
          const version: ModelVersion = {
            model: input.model,
            version: (last?.version ?? 0) + 1,
            package: digest,
            run: input.run,
            task: input.task,
            inputs: input.inputs,
            evaluation: input.evaluation,
            stage: 'None',
            description: input.description,
            createdAt: now,
            createdBy: input.actor,
            key: input.key,
            revision: 1,
          };
          if (!(await tx.models.insertVersion(version))) throw new Conflict();
          await tx.events.append([
            toEvent(ports, 'model.version_registered', `model/${version.model}/${version.version}`, input.actor, {
              model: version.model,
              version: version.version,
              package: digest,
              run: input.run,
            }),
          ]);
          return { version, created: true };
        }),
      );
    },
    async setAlias({ model, alias, version, actor }) {
      if (!NAME.test(alias) || /^[0-9]+$/.test(alias))
        throw fault('invalid_input', { where: 'alias', problem: 'use letters, digits, dot, dash and underscore, and not a number alone.' });
      await database.transaction(async (tx) => {
        if ((await tx.models.version(model, version)) === undefined)
          throw fault('model_version_not_found', { name: model, version: String(version) });
        await tx.models.setAlias({ model, alias, version });
        await tx.events.append([toEvent(ports, 'model.alias_set', `model/${model}/${version}`, actor, { model, alias, version })]);
      });
    },
    moveToStage: (input) =>
      retryOnConflict(`Model "${input.model}"`, () =>
        database.transaction(async (tx) => {
          if (input.stage === 'Production' && (await tx.gates.spec(input.model)) !== undefined) {
            const decision = await tx.gates.latest(input.model, input.version);
            if (decision === undefined || (decision.verdict !== 'PASS' && decision.forced === null)) {
              throw fault('model_not_gated', { name: input.model, version: input.version, verdict: decision?.verdict ?? 'nothing yet' });
            }
          }
          return setStage(tx, input);
        }),
      ),
  };
}
