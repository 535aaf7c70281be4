import type { CodeVersion, Digest, DigestKind, OwnedDigest, Page, PageRequest } from '@pawl/core';
import { fromCursor, fromJson, toCursor, toPage } from '../context.ts';
import type { Sql } from '../context.ts';

/** The records that name content, a kind at a time, by their primary keys. */
export function pageDigests(sql: Sql, kind: DigestKind, page: PageRequest): Promise<Page<OwnedDigest>> {
  return pages[kind](sql, page);
}

const pages: Readonly<Record<DigestKind, (sql: Sql, page: PageRequest) => Promise<Page<OwnedDigest>>>> = {
  async artifact({ db }, page) {
    const after = fromCursor(page, ['string', 'string']);
    let query = db.selectFrom('artifact').select(['tree', 'path', 'digest']);
    if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('tree', 'path'), '>', eb.tuple(...after)));
    const rows = await query
      .orderBy('tree')
      .orderBy('path')
      .limit(page.limit + 1)
      .execute();
    return toPage(
      rows,
      page.limit,
      ({ tree, digest }) => ({ owner: tree, digest }),
      (row) => toCursor(row.tree, row.path),
    );
  },

  async part({ db }, page) {
    const after = fromCursor(page, ['string', 'number']);
    let query = db
      .selectFrom('artifact_part')
      .innerJoin('artifact_upload', 'artifact_upload.id', 'artifact_part.upload')
      .select(['artifact_part.upload', 'artifact_part.number', 'artifact_part.digest', 'artifact_upload.tree']);
    if (after !== undefined)
      query = query.where((eb) => eb(eb.refTuple('artifact_part.upload', 'artifact_part.number'), '>', eb.tuple(...after)));
    const rows = await query
      .orderBy('artifact_part.upload')
      .orderBy('artifact_part.number')
      .limit(page.limit + 1)
      .execute();
    return toPage(
      rows,
      page.limit,
      ({ tree, digest }) => ({ owner: tree, digest }),
      (row) => toCursor(row.upload, row.number),
    );
  },

  async patch({ db }, page) {
    const after = fromCursor(page, ['string']);
    let query = db.selectFrom('run').select(['id', 'code']).where('code', 'is not', null);
    if (after !== undefined) query = query.where('id', '>', after[0]);
    const rows = await query
      .orderBy('id')
      .limit(page.limit + 1)
      .execute();
    const found = toPage(
      rows,
      page.limit,
      ({ id, code }) => ({ owner: `run/${id}`, digest: fromJson<CodeVersion>(code ?? '{}').patch ?? null }),
      (row) => toCursor(row.id),
    );
    return { ...found, items: found.items.filter((item): item is OwnedDigest => item.digest !== null) };
  },

  async profile({ db }, page) {
    const after = fromCursor(page, ['string', 'number']);
    let query = db.selectFrom('monitor_reference').select(['monitor', 'version', 'profile']);
    if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('monitor', 'version'), '>', eb.tuple(...after)));
    const rows = await query
      .orderBy('monitor')
      .orderBy('version')
      .limit(page.limit + 1)
      .execute();
    return toPage(
      rows,
      page.limit,
      ({ monitor, profile }) => ({ owner: `monitor/${monitor}`, digest: profile as Digest }),
      (row) => toCursor(row.monitor, row.version),
    );
  },
};
