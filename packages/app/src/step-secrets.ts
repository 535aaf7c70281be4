import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stepSecret } from './config/environment.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,127}$/;

/** Reads the secrets that steps ask for: of the server's environment, else a file of that name in `folder`, without its last line break. */
export function createStepSecrets(folder: string): (name: string) => Promise<string | undefined> {
  return async (name) => {
    if (!NAME.test(name)) return undefined;
    const given = stepSecret(name);
    if (given !== undefined) return given;
    try {
      return (await readFile(join(folder, name), 'utf8')).replace(/\r?\n$/, '');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
}
