import type { Digest, DvcObject, DvcStore } from '@pawl/core';
import { insertRows } from './batch.ts';
import { toChunks } from './chunks.ts';
import { fromCursor, toCursor, toPage } from './context.ts';
import type { Sql } from './context.ts';

interface DvcObjectTable {
  readonly dataset: string;
  readonly legacy: number;
  readonly name: string;
  readonly digest: string;
  readonly size: number;
  readonly created_at: number;
}

export interface DvcTables {
  readonly dvc_object: DvcObjectTable;
}

const COLUMNS = ['dataset', 'legacy', 'name', 'digest', 'size', 'created_at'];

export function createDvcStore(sql: Sql): DvcStore {
  const { db } = sql;
  return {
    async find(dataset, names, legacy) {
      const found: DvcObject[] = [];
      for (const chunk of toChunks(names, 1)) {
        const rows = await db
          .selectFrom('dvc_object')
          .selectAll()
          .where('dataset', '=', dataset)
          .where('legacy', '=', Number(legacy))
          .where('name', 'in', chunk)
          .execute();
        found.push(...rows.map(toObject));
      }
      return found;
    },
    async list(page) {
      const after = fromCursor(page, ['string', 'number', 'string']);
      let query = db.selectFrom('dvc_object').selectAll();
      if (after !== undefined) {
        const [dataset, legacy, name] = after;
        query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('dataset', 'legacy', 'name'), '>', tuple(dataset, legacy, name)));
      }
      const rows = await query
        .orderBy('dataset')
        .orderBy('legacy')
        .orderBy('name')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toObject, (row) => toCursor(row.dataset, row.legacy, row.name));
    },
    async insert(objects) {
      const rows = objects.map(({ dataset, legacy, name, digest, size, createdAt }) => [
        dataset,
        Number(legacy),
        name,
        digest,
        size,
        createdAt,
      ]);
      await insertRows(sql, 'dvc_object', COLUMNS, rows, 'on conflict do nothing');
    },
  };
}

function toObject(row: DvcObjectTable): DvcObject {
  return {
    dataset: row.dataset,
    name: row.name,
    legacy: row.legacy === 1,
    digest: row.digest as Digest,
    size: row.size,
    createdAt: row.created_at,
  };
}
