import { writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, DatasetVersion } from '@pawl/client';
import type { Context } from '../context.ts';
import { failure, unwritable } from '../fail.ts';
import { checkOut } from './checkout.ts';
import type { CheckedOut } from './checkout.ts';

const SUMS = 'SHA256SUMS';

/** Writes a version and beside its files the list that `sha256sum --check SHA256SUMS` reads. Throws `not_writable`. */
export async function exportVersion(context: Context, client: Client, version: DatasetVersion, path: string): Promise<CheckedOut> {
  if (existsSync(path)) throw await failure('not_writable', { path, reason: 'something is there already; name a folder that is not' });
  const manifest = await client.dataset.manifest({ dataset: version.dataset, version: version.version }, { signal: context.signal });
  const done = await checkOut(context, client, version, path, { only: [], force: false });
  const target = join(path, manifest.entries.some((entry) => entry.path === SUMS) ? `${SUMS}.pawl` : SUMS);
  // As coreutils write a name that holds a backslash or a new line.
  const lines = manifest.entries.map(({ path: name, digest }) => {
    const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return `${escaped === name ? '' : '\\'}${digest.slice(7)}  ${escaped}\n`;
  });
  await writeFile(target, lines.join('')).catch(async (error: unknown) => Promise.reject(await unwritable(target, error)));
  return done;
}
