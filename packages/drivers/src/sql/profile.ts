import type { Digest, ProfileStore, TableProfile } from '@pawl/core';
import { sql } from 'kysely';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';

/** No version holds the files any more. */
const unheld = sql<boolean>`NOT EXISTS (SELECT 1 FROM dataset_version v WHERE v.manifest = dataset_profile.manifest AND v.expired_at IS NULL)`;

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

    async unused(page) {
      const after = fromCursor(page, ['string']);
      let query = db
        .selectFrom('dataset_profile')
        .select(['manifest', sql<number>`sum(octet_length(profile))`.as('bytes')])
        .where(unheld);
      if (after !== undefined) query = query.where('manifest', '>', after[0]);
      const rows = await query
        .groupBy('manifest')
        .orderBy('manifest')
        .limit(page.limit + 1)
        .execute();
      return toPage(
        rows,
        page.limit,
        ({ manifest, bytes }) => ({ manifest: manifest as Digest, bytes: Number(bytes) }),
        ({ manifest }) => toCursor(manifest),
      );
    },

    async removeUnused(manifest) {
      const { numDeletedRows } = await db
        .deleteFrom('dataset_profile')
        .where('manifest', '=', manifest)
        .where(unheld)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
  };
}
