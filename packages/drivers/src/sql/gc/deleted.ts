import type { DeletedKind, Garbage, Page, PageRequest } from '@pawl/core';
import { sql as raw } from 'kysely';
import type { RawBuilder } from 'kysely';
import { fromCursor, toCursor, toPage } from '../context.ts';
import type { Sql } from '../context.ts';

interface Row {
  readonly id: string | number;
  readonly name: string;
  readonly deleted_at: number;
}

/** A deleted experiment takes no change, so its last one is its deletion; all that is in it falls with it. */
const selections: Readonly<Record<DeletedKind, (before: number) => RawBuilder<unknown>>> = {
  'logged model': (before) => raw`
    select m.id, m.name, coalesce(m.deleted_at, e.updated_at) as deleted_at from logged_model m join experiment e on e.id = m.experiment
    where (m.deleted_at is not null and m.deleted_at <= ${before} or e.lifecycle = 'deleted' and e.updated_at <= ${before})`,
  run: (before) => raw`
    select r.id, r.name, coalesce(r.deleted_at, e.updated_at) as deleted_at from run r join experiment e on e.id = r.experiment
    where r.lifecycle = 'deleted' and (r.deleted_at <= ${before} or e.lifecycle = 'deleted' and e.updated_at <= ${before})`,
  experiment: (before) => raw`
    select e.id, e.name, e.updated_at as deleted_at from experiment e where e.lifecycle = 'deleted' and e.updated_at <= ${before}`,
};

const columns = { 'logged model': 'm.id', run: 'r.id', experiment: 'e.id' } as const;

export async function pageDeleted({ db }: Sql, kind: DeletedKind, before: number, page: PageRequest): Promise<Page<Garbage>> {
  const [after] = fromCursor(page, [kind === 'experiment' ? 'number' : 'string']) ?? [];
  const id = raw.ref(columns[kind]);
  const { rows } = await raw<Row>`
    ${selections[kind](before)} ${after === undefined ? raw`` : raw`and ${id} > ${after}`} order by ${id} limit ${page.limit + 1}`.execute(
    db,
  );
  return toPage(
    rows,
    page.limit,
    (row) => ({ id: String(row.id), name: row.name, deletedAt: row.deleted_at }),
    (row) => toCursor(row.id),
  );
}
