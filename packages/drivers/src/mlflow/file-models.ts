import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportedModel, SourceVersion } from '@pawl/core';
import type { FileStore } from './file-layout.ts';
import { filesBelow, foldersIn, readTexts } from './files.ts';
import { field, readMeta } from './meta.ts';
import { DELETED_STAGE, toActor, toStage } from './read.ts';

const VERSION = /^version-([1-9][0-9]{0,8})$/;

const modelFolders = (root: string): Promise<readonly string[]> => foldersIn(join(root, 'models'));

/** Numbers of the versions in a model's folder, in order. */
async function numbersIn(folder: string): Promise<readonly number[]> {
  const numbers = (await foldersIn(folder)).flatMap((name) => VERSION.exec(name)?.[1] ?? []);
  return numbers.map(Number).toSorted((a, b) => a - b);
}

export async function* readModels({ root, values, report }: FileStore): AsyncGenerator<ImportedModel> {
  for (const name of await modelFolders(root)) {
    const folder = join(root, 'models', name);
    const place = `model "${name}"`;
    try {
      const meta = await readMeta(folder);
      const createdAt = values.whole(place, field(meta, 'creation_timestamp'), 0);
      yield {
        name,
        description: values.text(place, field(meta, 'description')),
        // Versions that were deleted keep their folders, so that their numbers are not given again.
        lastVersion: (await numbersIn(folder)).at(-1) ?? 0,
        createdAt,
        createdBy: toActor(''),
        updatedAt: values.whole(place, field(meta, 'last_updated_timestamp'), createdAt),
        tags: await readTexts(join(folder, 'tags'), place, values, report),
      };
    } catch (error) {
      report(place, (error as Error).message);
    }
  }
}

export async function* readVersions(store: FileStore): AsyncGenerator<SourceVersion> {
  for (const name of await modelFolders(store.root)) {
    const folder = join(store.root, 'models', name);
    const aliases = await aliasesIn(folder);
    for (const number of await numbersIn(folder)) {
      try {
        const version = await readVersion(store, folder, name, number, aliases.get(number) ?? []);
        if (version !== undefined) yield version;
      } catch (error) {
        store.report(`version ${number} of model "${name}"`, (error as Error).message);
      }
    }
  }
}

async function readVersion(
  { values, report }: FileStore,
  folder: string,
  model: string,
  version: number,
  aliases: readonly string[],
): Promise<SourceVersion | undefined> {
  const place = `version ${version} of model "${model}"`;
  const own = join(folder, `version-${version}`);
  const meta = await readMeta(own);
  if (field(meta, 'current_stage') === DELETED_STAGE) return undefined;
  const createdAt = values.whole(place, field(meta, 'creation_timestamp'), 0);
  const status = field(meta, 'status') ?? 'READY';
  if (status !== 'READY') report(place, `its status is ${status} there; every version is READY here`);
  return {
    model,
    version,
    run: field(meta, 'run_id') || null,
    runLink: values.text(place, field(meta, 'run_link')),
    stage: toStage(field(meta, 'current_stage') ?? 'None'),
    description: values.text(place, field(meta, 'description')),
    tags: await readTexts(join(own, 'tags'), place, values, report),
    createdAt,
    createdBy: toActor(values.text(place, field(meta, 'user_id'))),
    updatedAt: values.whole(place, field(meta, 'last_updated_timestamp'), createdAt),
    aliases,
    source: values.text(place, field(meta, 'source')),
    // Its runs lie below their experiments' roots, as their versions' sources tell.
    runArtifactUri: null,
  };
}

/** Aliases by the version that each names. */
async function aliasesIn(folder: string): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, string[]>();
  for (const alias of await filesBelow(join(folder, 'aliases'))) {
    const version = Number(await readFile(join(folder, 'aliases', alias), 'utf8').catch(() => ''));
    found.set(version, [...(found.get(version) ?? []), alias]);
  }
  return found;
}
