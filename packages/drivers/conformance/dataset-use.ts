import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Writers } from '@pawl/core';
import { withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const branch = (dataset: string, name: string, base: number) => ({ dataset, name, base, author: 'ann', createdAt: 1 });
const tag = (dataset: string, name: string, version: number) => ({ dataset, name, version, author: 'ann', createdAt: 1 });

/** Names that a pattern of SQL would take for one another. */
async function fill(tx: Writers): Promise<void> {
  for (const name of ['a_b', 'axb', 'a']) await tx.datasets.create({ name, createdAt: 1 });
  await tx.datasetNames.putTag(tag('a_b', 'gold', 2));
  await tx.datasetNames.putTag(tag('axb', 'gold', 2));
  await tx.datasetNames.insertBranch(branch('a_b', 'fix', 1));
}

export function testDatasetUses(open: Open): void {
  test('names of a version are uses of it, of its dataset only, and of its number only', () =>
    withDatabase(open, async (database) => {
      await database.transaction(fill);
      const { datasetUses } = database.read;
      assert.deepEqual(await datasetUses.uses('a_b', 2), [{ kind: 'tag', id: 'gold', version: 2, role: '' }]);
      assert.deepEqual(await datasetUses.uses('a_b', 1), [{ kind: 'branch', id: 'fix', version: 1, role: 'base' }]);
      assert.deepEqual(await datasetUses.uses('a_b', 3), []);
      assert.deepEqual((await datasetUses.uses('a_b')).length, 2);
      assert.deepEqual(await datasetUses.uses('a'), []);
    }));

  test('a transaction sees the uses that it has made itself, and others only when it is over', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await fill(tx);
        assert.equal((await tx.datasetUses.uses('a_b', 2)).length, 1);
        assert.equal((await tx.datasetUses.uses('axb', 2)).length, 1);
      });
      await database.transaction(async (tx) => {
        await tx.datasetNames.removeTag('a_b', 'gold');
        assert.deepEqual(await tx.datasetUses.uses('a_b', 2), []);
      });
      assert.deepEqual(await database.read.datasetUses.uses('a_b', 2), []);
    }));
}
