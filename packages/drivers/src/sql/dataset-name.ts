import type { DatasetBranch, DatasetNameStore, DatasetTag } from '@pawl/core';
import { touched } from './context.ts';
import type { Sql } from './context.ts';

interface DatasetBranchTable {
  readonly dataset: string;
  readonly name: string;
  readonly base: number;
  readonly author: string;
  readonly created_at: number;
}

interface DatasetTagTable {
  readonly dataset: string;
  readonly name: string;
  readonly version: number;
  readonly author: string;
  readonly created_at: number;
}

export interface DatasetNameTables {
  readonly dataset_branch: DatasetBranchTable;
  readonly dataset_tag: DatasetTagTable;
}

export function createDatasetNameStore({ db }: Sql): DatasetNameStore {
  const tagsOf = (dataset: string) => db.selectFrom('dataset_tag').selectAll().where('dataset', '=', dataset);
  const branchesOf = (dataset: string) => db.selectFrom('dataset_branch').selectAll().where('dataset', '=', dataset);

  return {
    async tag(dataset, name) {
      const row = await tagsOf(dataset).where('name', '=', name).executeTakeFirst();
      return row && toTag(row);
    },

    tags: async (dataset) => (await tagsOf(dataset).orderBy('name').execute()).map(toTag),

    async branch(dataset, name) {
      const row = await branchesOf(dataset).where('name', '=', name).executeTakeFirst();
      return row && toBranch(row);
    },

    branches: async (dataset) => (await branchesOf(dataset).orderBy('name').execute()).map(toBranch),

    async putTag({ createdAt, ...tag }) {
      const set = { version: tag.version, author: tag.author, created_at: createdAt };
      await db
        .insertInto('dataset_tag')
        .values({ ...tag, created_at: createdAt })
        .onConflict((conflict) => conflict.columns(['dataset', 'name']).doUpdateSet(set))
        .execute();
    },

    async removeTag(dataset, name) {
      const [removed] = await db.deleteFrom('dataset_tag').where('dataset', '=', dataset).where('name', '=', name).execute();
      return (removed?.numDeletedRows ?? 0n) > 0n;
    },

    async insertBranch({ createdAt, ...branch }) {
      const inserted = await db
        .insertInto('dataset_branch')
        .values({ ...branch, created_at: createdAt })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return touched(inserted);
    },

    async removeBranch(dataset, name) {
      const [removed] = await db.deleteFrom('dataset_branch').where('dataset', '=', dataset).where('name', '=', name).execute();
      return (removed?.numDeletedRows ?? 0n) > 0n;
    },
  };
}

function toTag({ created_at, ...row }: DatasetTagTable): DatasetTag {
  return { ...row, createdAt: created_at };
}

function toBranch({ created_at, ...row }: DatasetBranchTable): DatasetBranch {
  return { ...row, createdAt: created_at };
}
