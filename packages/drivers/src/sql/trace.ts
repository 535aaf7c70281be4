import type { Span, Trace, TraceRecord, TraceStore } from '@pawl/core';
import { sql as raw } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { forBulk } from './context.ts';
import type { Sql } from './context.ts';
import { toNumberList, toTextList } from './search/ids.ts';
import { recordTraces } from './trace-record.ts';
import { toAssessment, toSpan, toTraceHead } from './trace-row.ts';
import type { AssessmentTable, SpanTable, TraceTable } from './trace-row.ts';
import { searchTraces } from './trace-search.ts';

interface TextTable {
  readonly trace: number;
  readonly key: string;
  readonly value: string;
}

export interface TraceTables {
  readonly trace: TraceTable;
  readonly trace_tag: TextTable;
  readonly trace_metadata: TextTable;
  readonly trace_run: { readonly trace: number; readonly run: string };
  readonly trace_prompt: { readonly trace: number; readonly prompt: string };
  readonly trace_span: SpanTable;
  readonly trace_assessment: AssessmentTable;
}

type Texts = Readonly<Record<string, string>>;

/** Tables with rows of a trace, itself last. */
const owned = ['trace_tag', 'trace_metadata', 'trace_run', 'trace_prompt', 'trace_span', 'trace_assessment'] as const;

export function createTraceStore(sql: Sql): TraceStore {
  const { db, engine } = sql;

  async function rowsOf(ids: readonly string[]): Promise<readonly TraceTable[]> {
    if (ids.length === 0) return [];
    const { rows } = await raw<TraceTable>`select * from trace where id in ${toTextList(engine, ids)}`.execute(db);
    return rows;
  }

  async function numberOf(id: string): Promise<number> {
    return (await db.selectFrom('trace').select('number').where('id', '=', id).executeTakeFirst())?.number ?? -1;
  }

  return {
    heads: async (ids) => (await rowsOf(ids)).map(toTraceHead),

    async many(ids) {
      const rows = new Map((await rowsOf(ids)).map((row) => [row.id, row]));
      return toTraces(
        sql,
        [...new Set(ids)].flatMap((id) => rows.get(id) ?? []),
      );
    },

    async spans(ids) {
      const traces = new Map((await rowsOf(ids)).map(({ number, id }) => [number, id]));
      if (traces.size === 0) return new Map();
      const { rows } = await raw<SpanTable>`
        select * from trace_span where trace in ${toNumberList(engine, [...traces.keys()])}`.execute(forBulk(sql).db);
      const spans = rows.map((row) => toSpan(traces.get(row.trace) ?? '', row));
      return new Map([...Map.groupBy(spans, ({ trace }) => trace)].map(([id, own]) => [id, own.toSorted(byPlace)]));
    },

    async search(request) {
      const page = await searchTraces(sql, request);
      return { ...page, items: await toTraces(sql, page.items) };
    },

    async select({ experiment, ids, until, limit }) {
      const conditions = [
        raw`experiment = ${experiment}`,
        ...(ids === undefined ? [] : [raw`id in ${toTextList(engine, ids)}`]),
        ...(until === undefined ? [] : [raw`started_at <= ${until}`]),
      ];
      const { rows } = await raw<{ id: string }>`
        select id from trace where ${raw.join(conditions, raw` and `)} order by started_at, id limit ${limit}`.execute(db);
      return rows.map(({ id }) => id);
    },

    record: (records: readonly TraceRecord[]) => recordTraces(sql, records),

    async deleteTag(trace, key) {
      const deleted = await db
        .deleteFrom('trace_tag')
        .where('trace', '=', await numberOf(trace))
        .where('key', '=', key)
        .executeTakeFirst();
      return deleted.numDeletedRows > 0n;
    },

    async deleteAssessment(trace, id) {
      await db
        .deleteFrom('trace_assessment')
        .where('trace', '=', await numberOf(trace))
        .where('id', '=', id)
        .execute();
    },

    remove: (ids) => removeTraces(sql, raw<SqlBool>`id in ${toTextList(engine, ids)}`),
  };
}

/** Removes the traces that a condition on their table names, with all that is theirs. */
export async function removeTraces({ db }: Sql, which: RawBuilder<SqlBool>): Promise<void> {
  for (const table of owned)
    await raw`delete from ${raw.table(table)} where trace in (select number from trace where ${which})`.execute(db);
  await raw`delete from trace where ${which}`.execute(db);
}

/** Roots first, then as they began; by id at last, so that the order is always the same. */
function byPlace(one: Span, other: Span): number {
  if ((one.parent === null) !== (other.parent === null)) return one.parent === null ? -1 : 1;
  if (one.startedAt !== other.startedAt) return one.startedAt < other.startedAt ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

/** Rows with what belongs to them, in their order. */
async function toTraces({ db, engine }: Sql, rows: readonly TraceTable[]): Promise<readonly Trace[]> {
  if (rows.length === 0) return [];
  const list = toNumberList(
    engine,
    rows.map(({ number }) => number),
  );
  async function textsOf(table: 'trace_tag' | 'trace_metadata'): Promise<ReadonlyMap<number, Texts>> {
    const found = await raw<TextTable>`select * from ${raw.table(table)} where trace in ${list} order by trace, key`.execute(db);
    const byTrace = Map.groupBy(found.rows, ({ trace }) => trace);
    return new Map([...byTrace].map(([trace, own]) => [trace, Object.fromEntries(own.map(({ key, value }) => [key, value]))]));
  }
  const tags = await textsOf('trace_tag');
  const metadata = await textsOf('trace_metadata');
  const judged = await raw<AssessmentTable>`
    select * from trace_assessment where trace in ${list} order by trace, created_at, id`.execute(db);
  const assessments = Map.groupBy(judged.rows, ({ trace }) => trace);
  return rows.map((row) => ({
    ...toTraceHead(row),
    metadata: metadata.get(row.number) ?? {},
    tags: tags.get(row.number) ?? {},
    assessments: (assessments.get(row.number) ?? []).map((one) => toAssessment(row.id, one)),
  }));
}
