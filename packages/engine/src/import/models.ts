import { fault, isFault, sameModel, sameVersion, settle } from '@pawl/core';
import type { ImportedSource, ImportedVersion, ImportResult, ModelVersion, Writers } from '@pawl/core';
import { Conflict, expectWon, retryOnConflict } from '../conflict.ts';
import { putManifest } from '../dataset/manifest-blob.ts';
import { isGoverned } from '../model/rules.ts';
import { findSource } from '../model/source.ts';
import { recordImport } from './event.ts';
import type { ImportPorts, ImportRequest, ImportService } from './service.ts';

type ModelImport = Pick<ImportService, 'models' | 'versions'>;

/** What the source of a version means here. */
interface Found {
  readonly source: string;
  readonly content: Pick<ModelVersion, 'location' | 'loggedModel' | 'package'>;
  readonly problem: string;
}

export function createModelImport(ports: ImportPorts): ModelImport {
  const { database, ids } = ports;
  const { read } = database;

  async function toUri(source: ImportedSource): Promise<string> {
    if (source.kind === 'uri') return source.uri;
    const root = source.kind === 'run' ? (await read.runs.head(source.id))?.artifactUri : await modelUri(source.id);
    if (root === undefined) throw fault('model_refused', { problem: `its source lies in ${source.kind} ${source.id}, which is not here` });
    return source.path === '' ? root : `${root}/${source.path}`;
  }

  async function modelUri(id: string): Promise<string | undefined> {
    const model = await read.loggedModels.get(id, 'also deleted');
    return model && ports.loggedModels.uri(model);
  }

  /** A source that leads nowhere here is kept as it was: only its files are missing then. */
  async function find(item: ImportedVersion): Promise<Found> {
    const source = await toUri(item.source).catch((error: unknown) => {
      if (isFault(error) && item.source.kind !== 'uri') return null;
      throw error;
    });
    const nowhere = { location: source, loggedModel: null, package: null };
    if (source === null) return { source: '', content: nowhere, problem: 'the run or logged model that its files lie in is not here' };
    try {
      const named = { run: item.run, loggedModel: item.source.kind === 'model' ? item.source.id : null };
      const found = await findSource({ ...ports, read, version: ports.models.version }, source, named);
      const digest = found.manifest === null ? found.package : await putManifest(ports.blobs, found.manifest);
      return { source, content: { location: found.location, loggedModel: found.loggedModel, package: digest }, problem: '' };
    } catch (error) {
      if (!isFault(error) || error.kind !== 'user') throw error;
      return { source, content: nowhere, problem: `its source ${source} leads nowhere here` };
    }
  }

  async function putVersion(
    tx: Writers,
    item: ImportedVersion,
    { source, content }: Found,
    request: ImportRequest,
  ): Promise<ImportResult['outcome']> {
    const { aliases, source: _, ...record } = item;
    const before = await tx.models.version(item.model, item.version);
    if (before === undefined) {
      const version: ModelVersion = {
        ...record,
        ...content,
        source,
        task: null,
        inputs: [],
        evaluation: null,
        forced: null,
        key: ids.next(),
        revision: 1,
      };
      if (!(await tx.models.insertVersion(version))) throw new Conflict();
    } else {
      const here = (await tx.models.aliases(item.model)).filter(({ version }) => version === item.version).map(({ alias }) => alias);
      // Its files may have come since: a version is of them, so nothing is lost by saying so.
      const completed = before.package === null && content.package !== null;
      const same = sameVersion(before, item, source, here);
      const outcome = same && completed ? 'updated' : settle(same, request.policy);
      if (outcome !== 'updated') return outcome;
      const changed = { ...before, ...record, ...content, source, revision: before.revision + 1 };
      expectWon(await tx.models.updateVersion(changed, before.revision));
    }
    for (const alias of aliases) await tx.models.setAlias({ model: item.model, alias, version: item.version });
    return before === undefined ? 'created' : 'updated';
  }

  return {
    models: (items, request, dryRun) => {
      const act = async (tx: Writers | undefined): Promise<readonly ImportResult[]> => {
        const results: ImportResult[] = [];
        for (const item of items) {
          const before = await (tx ?? read).models.get(item.name);
          if (before === undefined) {
            await tx?.models.create(item);
            results.push({ id: item.name, outcome: 'created', problem: '' });
            continue;
          }
          if (tx !== undefined && (await isGoverned(tx, item.name))) {
            const problem = "a project's gate or rollout governs this model: take it out of the project's files first";
            results.push({ id: item.name, outcome: 'conflict', problem });
            continue;
          }
          const outcome = settle(sameModel(before, item), request.policy);
          const lastVersion = Math.max(before.lastVersion, item.lastVersion);
          if (outcome === 'updated') await tx?.imports.putModel({ ...item, lastVersion });
          results.push({ id: item.name, outcome, problem: outcome === 'conflict' ? 'a model of this name is here and differs' : '' });
        }
        if (tx !== undefined) await recordImport(ports, tx, 'models', results, request);
        return results;
      };
      return dryRun ? act(undefined) : database.transaction(act);
    },

    async versions(items, request) {
      const results: ImportResult[] = [];
      for (const item of items) {
        const id = `${item.model}/${item.version}`;
        const found = await find(item);
        const outcome = await retryOnConflict(`Model "${item.model}"`, () =>
          database.transaction(async (tx) => {
            if ((await tx.models.get(item.model)) === undefined) throw fault('model_not_found', { name: item.model });
            const done = await putVersion(tx, item, found, request);
            await recordImport(ports, tx, 'model versions', [{ id, outcome: done, problem: '' }], request);
            return done;
          }),
        );
        results.push({ id, outcome, problem: outcome === 'conflict' ? 'a version of this number is here and differs' : found.problem });
      }
      return results;
    },
  };
}
