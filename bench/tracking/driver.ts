/** The driver of PostgreSQL for the peer, in a folder of its own: its environment is that of the tests, which need none. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const DRIVER = 'psycopg2-binary==2.9.13';

/** The folder to put on the path of `python`; fetched from PyPI the first time. */
export async function ensureDriver(python: string): Promise<string> {
  const folder = join(import.meta.dirname, '../../.cache', DRIVER);
  if (!existsSync(join(folder, 'psycopg2')))
    await promisify(execFile)(python, ['-m', 'pip', 'install', '--quiet', '--no-input', '--target', folder, DRIVER]);
  return folder;
}
