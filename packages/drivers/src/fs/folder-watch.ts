import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { matches } from '@pawl/core';
import type { FolderWatch, WatchedFile } from '@pawl/core';

export function createFolderWatch(): FolderWatch {
  return {
    async list(folder, pattern, limit) {
      let names: readonly string[];
      try {
        names = (await readdir(folder)).filter((name) => !name.startsWith('.') && matches(pattern, name)).toSorted();
      } catch (error) {
        if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
        throw error;
      }
      const files: WatchedFile[] = [];
      for (const name of names.slice(0, limit)) {
        // Gone since it was listed.
        const found = await stat(join(folder, name)).catch(() => undefined);
        if (found?.isFile() === true) files.push({ name, bytes: found.size, modified: Math.floor(found.mtimeMs) });
      }
      return files;
    },
  };
}
