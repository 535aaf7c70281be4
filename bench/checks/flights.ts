import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(import.meta.dirname, '..', '..', '.cache', 'vega-datasets');
const file = join(cache, 'package', 'data', 'flights-3m.parquet');
const SHA256 = 'dbeb920c90f59b6ccaff823dcc3d08f25a97fa1ce128d93f40be4e931f5900b0';

/** Three million flights of 2001, from the npm package `vega-datasets`: fetched once, since it is too large to be installed by everybody. */
export async function ensureFlights(): Promise<string> {
  if ((await stat(file).catch(() => undefined)) === undefined) {
    await mkdir(cache, { recursive: true });
    await run('npm', ['pack', 'vega-datasets@3.2.1', '--silent'], { cwd: cache });
    const archive = join(cache, 'vega-datasets-3.2.1.tgz');
    await run('tar', ['xzf', archive, 'package/data/flights-3m.parquet'], { cwd: cache });
    await rm(archive);
  }
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  if (digest !== SHA256) throw new Error(`${file} is another file than expected (${digest}); delete it and try again.`);
  return file;
}
