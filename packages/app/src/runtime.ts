import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { arch, platform } from 'node:os';

/** Where the nearest lock file above a folder lies. */
function findLock(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const lock = join(folder, 'package-lock.json');
    if (existsSync(lock)) return lock;
    if (folder === parse(folder).root) return undefined;
  }
}

/** What runs are recorded with, and what a cached result depends on. */
export function describeRuntime(): Readonly<Record<string, string>> {
  const lock = findLock(import.meta.dirname);
  return {
    node: process.versions.node,
    platform: `${platform()}-${arch()}`,
    ...(lock === undefined ? {} : { lock: `sha256:${createHash('sha256').update(readFileSync(lock)).digest('hex')}` }),
  };
}

/** Folders that come first on a step's PATH: that of the Node that runs Pawl, and that of the packages' programs (`pawl` among them). */
export function stepPath(): string {
  const lock = findLock(import.meta.dirname);
  const programs = lock === undefined ? undefined : join(dirname(lock), 'node_modules', '.bin');
  return [dirname(process.execPath), ...(programs === undefined ? [] : [programs])].join(':');
}
