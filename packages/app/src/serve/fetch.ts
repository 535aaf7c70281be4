import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '@pawl/client';
import { cacheFolder } from '../config/environment.ts';
import type { Context } from '../cli/context.ts';
import { downloadPackage } from '../cli/model-package.ts';

interface Remembered {
  readonly version: number;
  readonly package: string;
}

/**
 * A version of the registry as a folder of this machine, fetched when it is not there. What a name stood for is remembered: while the server cannot be reached, that is served. Throws
 * what the server answers, `server_unreachable` when nothing is remembered.
 */
export async function fetchServed(
  context: Context,
  name: string,
  version: string,
): Promise<{ readonly version: number; readonly path: string }> {
  const root = join(cacheFolder(), 'serve');
  const names = join(root, 'names');
  mkdirSync(names, { recursive: true });
  // Another server may have other models of that name.
  const note = join(names, `${encodeURIComponent(`${context.server} ${name} ${version}`)}.json`);
  const pathOf = (digest: string): string => join(root, 'models', digest.replace(':', '-'));
  try {
    const client = await context.client();
    const found = await client.model.version({ model: name, version });
    const path = found.package === null ? '' : pathOf(found.package);
    if (found.package === null || !existsSync(path)) {
      mkdirSync(join(root, 'models'), { recursive: true });
      await downloadPackage(context, client, found, path, { force: false });
    }
    const remembered: Remembered = { version: found.version, package: found.package ?? '' };
    writeFileSync(`${note}.${process.pid}`, JSON.stringify(remembered));
    renameSync(`${note}.${process.pid}`, note);
    return { version: found.version, path };
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'server_unreachable') || !existsSync(note)) throw error;
    const remembered = JSON.parse(readFileSync(note, 'utf8')) as Remembered;
    const path = pathOf(remembered.package);
    if (!existsSync(path)) throw error;
    process.stderr.write(
      `The server at ${context.server} does not answer: ${name} is served as it was fetched last, version ${remembered.version}.\n`,
    );
    return { version: remembered.version, path };
  }
}
