import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Client, ModelVersion } from '@pawl/client';
import type { Context } from './context.ts';
import { isEmpty, look, makeFolders, publish, readManifest, toPart, toTargets } from './dataset/checkout.ts';
import { fetchTargets } from './dataset/fetch.ts';
import { findStore } from './dataset/place.ts';
import type { TransferOptions } from './dataset/place.ts';
import { failure, unwritable } from './fail.ts';

/**
 * Puts a version's package at `folder`: built beside it, each file verified, and moved there when it is whole, so that whoever loads the folder sees all of one version. After a
 * kill the next one fetches only the files that are not there yet. What is there is refused, unless `force` replaces it and it is a model.
 * Throws `model_package_missing`, `not_writable`, `blob_corrupt`.
 */
export async function downloadPackage(
  context: Context,
  client: Client,
  version: ModelVersion,
  folder: string,
  { force, ...transfer }: TransferOptions & { readonly force: boolean },
): Promise<{ readonly files: number; readonly bytes: number }> {
  if (version.package === null) throw await failure('model_package_missing', { name: version.model, version: version.version });
  const target = await findTarget(folder, force);
  const { NO_ROWS, createThreads } = await import('@pawl/drivers/workspace');
  const store = await findStore(context, client, transfer);
  const { entries } = await readManifest(context, version.package, store?.root);
  const threads = createThreads({ store });
  try {
    const part = toPart(target, version.package);
    await makeFolders(part, entries);
    const found = await look(threads, part, entries, NO_ROWS, context.signal);
    const wanted = entries.filter(({ path, digest }) => found.get(path)?.digest !== digest);
    await fetchTargets(context, threads, toTargets(part, wanted), { isLocal: store !== undefined, fresh: found.size === 0 });
    removeLeftovers(part, new Set(entries.map(({ path }) => path)));
    await replace(part, target);
    return { files: entries.length, bytes: entries.reduce((sum, { size }) => sum + size, 0) };
  } finally {
    await threads.close();
  }
}

/** The folder itself, links followed. With `force` only a model may be replaced: the rest of somebody's folder would go with it. */
async function findTarget(folder: string, force: boolean): Promise<string> {
  const target = existsSync(folder) ? realpathSync(folder) : resolve(folder);
  const refuse = (reason: string) => failure('not_writable', { path: folder, reason });
  const is = lstatSync(target, { throwIfNoEntry: false });
  if (is === undefined) return target;
  if (!is.isDirectory()) throw await refuse('it is no folder');
  if (isEmpty(target)) return target;
  if (!force) throw await refuse('it is not empty; name another folder, or replace the model in it with --force');
  if (!existsSync(join(target, 'MLmodel')))
    throw await refuse(
      'it holds other things than a model (there is no MLmodel in it), and --force would take them away; name another folder',
    );
  return target;
}

/** What a killed download left half written beside the files. */
function removeLeftovers(part: string, stays: ReadonlySet<string>): void {
  for (const entry of readdirSync(part, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && !stays.has(relative(part, path).split(sep).join('/'))) rmSync(path);
  }
}

async function replace(part: string, target: string): Promise<void> {
  try {
    if (isEmpty(target)) return publish(part, target);
    const old = join(dirname(target), `.${basename(target)}.${randomBytes(8).toString('hex')}.old`);
    renameSync(target, old);
    try {
      renameSync(part, target);
    } catch (error) {
      renameSync(old, target);
      throw error;
    }
    rmSync(old, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw await unwritable(target, error);
  }
}
