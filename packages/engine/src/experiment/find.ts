import { fault, labelOf, splitPath } from '@pawl/core';
import type { Experiment, Readers } from '@pawl/core';

/** Experiments of one folder that are looked at for the one of a name. */
const MOST_IN_FOLDER = 1000;

/** An experiment by number, by name, or by its folder and what it is called there. Throws `experiment_not_found`, `experiment_ambiguous`. */
export async function findExperiment(read: Pick<Readers, 'experiments'>, which: string | number): Promise<Experiment> {
  const found = typeof which === 'number' ? await read.experiments.get(which) : await byText(read, which);
  if (found !== undefined) return found;
  const folder = await folderNamed(read, String(which));
  throw fault('experiment_not_found', { name: String(which), ...(folder === undefined ? {} : { folder }) });
}

/** The folder that was meant, where something is in it or below. */
async function folderNamed({ experiments }: Pick<Readers, 'experiments'>, text: string): Promise<string | undefined> {
  const trimmed = text.replace(/^\/+|\/+$/g, '');
  for (const lifecycle of ['active', 'deleted'] as const) {
    const { items } = await experiments.list({ folder: trimmed, deep: true, lifecycle, limit: 1 });
    if (trimmed !== '' && items.length > 0) return trimmed;
  }
  return undefined;
}

async function byText(read: Pick<Readers, 'experiments'>, which: string): Promise<Experiment | undefined> {
  const numbered = /^[0-9]{1,15}$/.test(which) ? await read.experiments.get(Number(which)) : undefined;
  return numbered ?? (await read.experiments.byName(which)) ?? (await byPath(read, which));
}

/** A whole name behind the folder counts for more than what it is called there. */
async function byPath({ experiments }: Pick<Readers, 'experiments'>, path: string): Promise<Experiment | undefined> {
  const ways = splitPath(path);
  for (const { folder, name } of ways) {
    const found = await experiments.byName(name);
    if (found?.folder === folder) return found;
  }
  const [way] = ways;
  if (way === undefined) return undefined;
  const { items } = await experiments.list({ folder: way.folder, limit: MOST_IN_FOLDER });
  const called = items.filter(({ name }) => labelOf(name) === way.name);
  if (called.length > 1) throw fault('experiment_ambiguous', { name: path, numbers: called.map(({ id }) => id) });
  return called[0];
}
