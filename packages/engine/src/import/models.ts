import { fault, isFault, sameModel, sameVersion, settle } from '@pawl/core';
import type { ImportedSource, ImportedVersion, ImportResult, ModelVersion, Readers, Writers } from '@pawl/core';
import { Conflict, expectWon, retryOnConflict } from '../conflict.ts';
import { putManifest } from '../dataset/manifest-blob.ts';
import { isGoverned } from '../model/rules.ts';
import { findSource } from '../model/source.ts';
import { recordImport } from './event.ts';
import type { ImportPorts, ImportRequest, ImportService } from './service.ts';

type ModelImport = Pick<ImportService, 'models' | 'versions'>;

const GOVERNED = "a project's gate or rollout governs this model: take it out of the project's files first";

/** What the source of a version means here. */
interface Found {
  readonly source: string;
  readonly content: Pick<ModelVersion, 'location' | 'loggedModel' | 'package'>;
  /** Whether the version's files are here; a rehearsal stores no package for them. */
  readonly packaged: boolean;
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
  async function find(item: ImportedVersion, dryRun: boolean): Promise<Found> {
    const source = await toUri(item.source).catch((error: unknown) => {
      if (isFault(error) && item.source.kind !== 'uri') return null;
      throw error;
    });
    const nowhere = { location: source, loggedModel: null, package: null };
    if (source === null)
      return { source: '', content: nowhere, packaged: false, problem: 'the run or logged model that its files lie in is not here' };
    try {
      const named = { run: item.run, loggedModel: item.source.kind === 'model' ? item.source.id : null };
      const found = await findSource({ ...ports, read, version: ports.models.version }, source, named);
      const digest = found.manifest === null || dryRun ? found.package : await putManifest(ports.blobs, found.manifest);
      const content = { location: found.location, loggedModel: found.loggedModel, package: digest };
      return { source, content, packaged: digest !== null || found.manifest !== null, problem: '' };
    } catch (error) {
      if (!isFault(error) || error.kind !== 'user') throw error;
      return { source, content: nowhere, packaged: false, problem: `its source ${source} leads nowhere here` };
    }
  }

  /** What becomes of a version. */
  async function decide(
    read: Pick<Readers, 'models' | 'approvals' | 'gates' | 'rollouts'>,
    item: ImportedVersion,
    { source, packaged, problem }: Found,
    { policy }: ImportRequest,
    before: ModelVersion | undefined,
  ): Promise<Omit<ImportResult, 'id'>> {
    let outcome: ImportResult['outcome'] = 'created';
    if (before !== undefined) {
      const here = (await read.models.aliases(item.model)).filter(({ version }) => version === item.version).map(({ alias }) => alias);
      const same = sameVersion(before, item, source, here);
      // Its files may have come since: a version is of them, so nothing is lost by saying so.
      outcome = same && before.package === null && packaged ? 'updated' : settle(same, policy);
    }
    const changes = outcome === 'created' || outcome === 'updated';
    if (changes && (await isGoverned(read, item.model))) return { outcome: 'conflict', problem: GOVERNED };
    return { outcome, problem: outcome === 'conflict' ? 'a version of this number is here and differs' : problem };
  }

  async function putVersion(tx: Writers, item: ImportedVersion, found: Found, request: ImportRequest): Promise<Omit<ImportResult, 'id'>> {
    const { source, content } = found;
    const { aliases, source: _, ...record } = item;
    const before = await tx.models.version(item.model, item.version);
    const decided = await decide(tx, item, found, request, before);
    if (decided.outcome !== 'created' && decided.outcome !== 'updated') return decided;
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
      // The model may have been left as it is here: the next number must be free all the same.
      const model = await tx.models.get(item.model);
      if (model !== undefined && model.lastVersion < item.version) await tx.models.update({ ...model, lastVersion: item.version });
    } else {
      const changed = { ...before, ...record, ...content, source, revision: before.revision + 1 };
      expectWon(await tx.models.updateVersion(changed, before.revision));
    }
    for (const alias of aliases) await tx.models.setAlias({ model: item.model, alias, version: item.version });
    return decided;
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
          const outcome = settle(sameModel(before, item), request.policy);
          if (outcome === 'updated' && (await isGoverned(tx ?? read, item.name))) {
            results.push({ id: item.name, outcome: 'conflict', problem: GOVERNED });
            continue;
          }
          const lastVersion = Math.max(before.lastVersion, item.lastVersion);
          if (outcome === 'updated') await tx?.imports.putModel({ ...item, lastVersion });
          results.push({ id: item.name, outcome, problem: outcome === 'conflict' ? 'a model of this name is here and differs' : '' });
        }
        if (tx !== undefined) await recordImport(ports, tx, 'models', results, request);
        return results;
      };
      return dryRun ? act(undefined) : database.transaction(act);
    },

    async versions(items, request, dryRun) {
      const results: ImportResult[] = [];
      for (const item of items) {
        const id = `${item.model}/${item.version}`;
        const found = await find(item, dryRun);
        if (dryRun) {
          const before = await read.models.version(item.model, item.version);
          const { outcome, problem } = await decide(read, item, found, request, before);
          // What its files lie in may come with the same import: only then is it known whether it leads anywhere.
          results.push({ id, outcome, problem: outcome === 'conflict' ? problem : '' });
          continue;
        }
        const decided = await retryOnConflict(`Model "${item.model}"`, () =>
          database.transaction(async (tx) => {
            if ((await tx.models.get(item.model)) === undefined) throw fault('model_not_found', { name: item.model });
            const done = await putVersion(tx, item, found, request);
            await recordImport(ports, tx, 'model versions', [{ id, ...done }], request);
            return done;
          }),
        );
        results.push({ id, ...decided });
      }
      return results;
    },
  };
}
