import type { ProfileStore, TableProfile } from '@pawl/core';
import { fromJson, toJson } from './context.ts';
import type { Sql } from './context.ts';

export interface ProfileTables {
  readonly dataset_profile: { readonly manifest: string; readonly folder: string; readonly format: string; readonly profile: string };
}

export function createProfileStore({ db }: Sql): ProfileStore {
  return {
    async profile({ manifest, folder, format }) {
      const row = await db
        .selectFrom('dataset_profile')
        .select('profile')
        .where('manifest', '=', manifest)
        .where('folder', '=', folder)
        .where('format', '=', format)
        .executeTakeFirst();
      return row && fromJson<TableProfile>(row.profile);
    },

    async put({ manifest, folder, format }, profile) {
      await db
        .insertInto('dataset_profile')
        .values({ manifest, folder, format, profile: toJson(profile) })
        .onConflict((conflict) => conflict.columns(['manifest', 'folder', 'format']).doNothing())
        .execute();
    },
  };
}
