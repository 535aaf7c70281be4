import type { ArtifactFile, ArtifactPlace, ArtifactStore, ArtifactTree, Digest } from '@pawl/core';
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely';
import { toChunks } from './chunks.ts';
import type { Sql } from './context.ts';
import type { Schema } from './schema.ts';

export interface ArtifactTables {
  readonly artifact: { readonly tree: string; readonly path: string; readonly digest: Digest; readonly size: number };
  readonly artifact_upload: {
    readonly id: string;
    readonly token: string;
    readonly tree: ArtifactTree;
    readonly path: string;
    readonly created_at: number;
  };
  readonly artifact_part: { readonly upload: string; readonly number: number; readonly digest: Digest; readonly size: number };
}

/** Adds files to a tree; the last one under a path wins. */
export async function putArtifacts({ db }: Sql, tree: ArtifactTree, files: readonly ArtifactFile[]): Promise<void> {
  // By path first: PostgreSQL refuses to change one row twice in one INSERT.
  const rows = new Map(files.map(({ path, digest, size }) => [path, { tree, path, digest, size }]));
  for (const chunk of toChunks([...rows.values()], 4)) {
    await db
      .insertInto('artifact')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['tree', 'path']).doUpdateSet((eb) => ({ digest: eb.ref('excluded.digest'), size: eb.ref('excluded.size') })),
      )
      .execute();
  }
}

export function createArtifactStore(sql: Sql): ArtifactStore {
  const { db } = sql;

  return {
    async file({ tree, path }) {
      const query = db.selectFrom('artifact').select(['path', 'digest', 'size']).where('tree', '=', tree).where('path', '=', path);
      const row = await query.executeTakeFirst();
      return row && { ...row };
    },

    async below(place) {
      const query = db.selectFrom('artifact').select(['path', 'digest', 'size']).where(inFolder(place)).orderBy('path');
      return (await query.execute()).map((row) => ({ ...row }));
    },

    async firstFile(tree, paths) {
      if (paths.length === 0) return undefined;
      const query = db.selectFrom('artifact').select('path').where('tree', '=', tree).where('path', 'in', paths).orderBy('path').limit(1);
      return (await query.executeTakeFirst())?.path;
    },

    async isFolder(place) {
      const query = db.selectFrom('artifact').select('path').where(inFolder(place)).limit(1);
      return (await query.executeTakeFirst()) !== undefined;
    },

    put: (tree, file) => putArtifacts(sql, tree, [file]),

    async remove(place) {
      await db
        .deleteFrom('artifact')
        .where((eb) => eb.or([eb.and([eb('tree', '=', place.tree), eb('path', '=', place.path)]), inFolder(place)(eb)]))
        .execute();
    },

    async upload(id) {
      const row = await db.selectFrom('artifact_upload').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) return undefined;
      const { created_at, ...rest } = row;
      return { ...rest, createdAt: created_at };
    },

    async parts(upload) {
      const query = db.selectFrom('artifact_part').select(['number', 'digest', 'size']).where('upload', '=', upload).orderBy('number');
      return (await query.execute()).map((row) => ({ ...row }));
    },

    async insertUpload({ createdAt, ...upload }, abandoned) {
      const old = db.selectFrom('artifact_upload').select('id').where('created_at', '<', abandoned);
      await db.deleteFrom('artifact_part').where('upload', 'in', old).execute();
      await db.deleteFrom('artifact_upload').where('created_at', '<', abandoned).execute();
      await db
        .insertInto('artifact_upload')
        .values({ ...upload, created_at: createdAt })
        .execute();
    },

    async putPart(upload, { number, digest, size }) {
      await db
        .insertInto('artifact_part')
        .values({ upload, number, digest, size })
        .onConflict((conflict) =>
          conflict
            .columns(['upload', 'number'])
            .doUpdateSet((eb) => ({ digest: eb.ref('excluded.digest'), size: eb.ref('excluded.size') })),
        )
        .execute();
    },

    async removeUpload(id) {
      await db.deleteFrom('artifact_part').where('upload', '=', id).execute();
      const removed = await db.deleteFrom('artifact_upload').where('id', '=', id).executeTakeFirst();
      return removed.numDeletedRows > 0n;
    },
  };
}

/** A range, not LIKE: paths may hold wildcards, and "0" is the character after "/". */
function inFolder({ tree, path }: ArtifactPlace) {
  return (eb: ExpressionBuilder<Schema, 'artifact'>): ExpressionWrapper<Schema, 'artifact', SqlBool> =>
    eb.and([eb('tree', '=', tree), ...(path === '' ? [] : [eb('path', '>', `${path}/`), eb('path', '<', `${path}0`)])]);
}
