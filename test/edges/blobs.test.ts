import { chmod, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolders, createFsBlobs } from '@pawl/drivers';
import { testBlobs } from '../../packages/drivers/conformance/blobs.ts';
import { testFolders } from '../../packages/drivers/conformance/folders.ts';

testBlobs('fs', async () => {
  const root = await mkdtemp(join(tmpdir(), 'pawl-fs-'));
  const blobs = createFsBlobs({ root });
  const list = async (folder: string): Promise<string[]> =>
    (await readdir(join(root, folder), { recursive: true }).catch(() => [])).filter((name) => name.length > 2);
  return {
    blobs,
    damage: async (digest, bytes) => {
      const path = await blobs.localPath(digest);
      await chmod(path, 0o644);
      await writeFile(path, bytes);
    },
    age: async (digest, idleMs) => {
      const then = new Date(Date.now() - idleMs);
      await utimes(await blobs.localPath(digest), then, then);
    },
    count: async () => ({ stored: (await list('sha256')).length, unfinished: (await list('incoming')).length }),
    size: async () => {
      const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
      const sizes = await Promise.all(files.map(async (one) => (await stat(join(one.parentPath, one.name))).size));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
});

testFolders('fs', (home) => createFolders({ root: home }));
