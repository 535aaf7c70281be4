import type { TraceRecord } from '@pawl/core';
import { sql as raw } from 'kysely';
import { insertRows } from './batch.ts';
import type { Sql } from './context.ts';
import type { Parameter } from './parameters.ts';
import { toNumberList, toTextList } from './search/ids.ts';
import { assessmentColumns, fromAssessment, fromSpan, fromTraceHead, spanColumns, traceColumns } from './trace-row.ts';

type Texts = Readonly<Record<string, string>>;
type Rows = readonly (readonly Parameter[])[];

/** Enters all that the records say, in one statement each table. Of one trace there is one record. */
export async function recordTraces(sql: Sql, records: readonly TraceRecord[]): Promise<void> {
  if (records.length === 0) return;
  const heads = records.map(({ head, spans = [] }) => {
    // Nothing is kept of it yet: what is kept afterwards is known.
    const kept = head.spans === 0 ? new Set(spans.map(({ id }) => id)).size : head.spans;
    return fromTraceHead(head, kept);
  });
  await insertRows(sql, 'trace', traceColumns, heads, `on conflict (id) do update set ${replaced(traceColumns.slice(1))}`);
  const numbers = await numbersOf(sql, records);
  const of = <Item>(items: (record: TraceRecord) => readonly Item[], toRow: (trace: number, item: Item) => readonly Parameter[]): Rows =>
    records.flatMap((record) => {
      const trace = numbers.get(record.head.id) ?? -1;
      return items(record).map((item) => toRow(trace, item));
    });
  const textsOf = (pick: (record: TraceRecord) => Texts | undefined): Rows =>
    of(
      (record) => Object.entries(pick(record) ?? {}),
      (trace, [key, value]) => [trace, key, value],
    );

  const put = async (table: string, columns: readonly string[], rows: Rows, conflict: string): Promise<void> => {
    if (rows.length > 0) await insertRows(sql, table, columns, rows, conflict);
  };
  const texts = ['trace', 'key', 'value'];
  const replace = `on conflict (trace, key) do update set ${replaced(['value'])}`;
  const keep = 'on conflict do nothing';
  await put(
    'trace_tag',
    texts,
    textsOf(({ tags }) => tags),
    replace,
  );
  await put(
    'trace_tag',
    texts,
    textsOf(({ tagsUnlessSet }) => tagsUnlessSet),
    keep,
  );
  await put(
    'trace_metadata',
    texts,
    textsOf(({ metadata }) => metadata),
    replace,
  );
  await put(
    'trace_metadata',
    texts,
    textsOf(({ metadataUnlessSet }) => metadataUnlessSet),
    keep,
  );
  const runs = of(
    ({ runs: own = [] }) => own,
    (trace, run) => [trace, run],
  );
  await put('trace_run', ['trace', 'run'], runs, keep);
  const prompts = of(
    ({ prompts: own = [] }) => own,
    (trace, prompt) => [trace, prompt],
  );
  await put('trace_prompt', ['trace', 'prompt'], prompts, keep);
  // One statement may not change a row twice: of one span sent twice at once the last counts.
  const spans = of(({ spans: own = [] }) => [...new Map(own.map((span) => [span.id, span])).values()], fromSpan);
  await put('trace_span', spanColumns, spans, `on conflict (trace, id) do update set ${replaced(spanColumns.slice(2))}`);
  const assessments = of(({ assessments: own = [] }) => [...new Map(own.map((one) => [one.id, one])).values()], fromAssessment);
  await put(
    'trace_assessment',
    assessmentColumns,
    assessments,
    `on conflict (trace, id) do update set ${replaced(assessmentColumns.slice(2))}`,
  );
  await recount(sql, records, numbers);
}

function replaced(columns: readonly string[]): string {
  return columns.map((column) => `${column} = excluded.${column}`).join(', ');
}

async function numbersOf({ db, engine }: Sql, records: readonly TraceRecord[]): Promise<ReadonlyMap<string, number>> {
  const ids = records.map(({ head }) => head.id);
  const { rows } = await raw<{ id: string; number: number }>`
    select id, number from trace where id in ${toTextList(engine, ids)}`.execute(db);
  return new Map(rows.map(({ id, number }) => [id, number]));
}

/** Traces that had spans before may have been sent some of them again. */
async function recount({ db, engine }: Sql, records: readonly TraceRecord[], numbers: ReadonlyMap<string, number>): Promise<void> {
  const grown = records.filter(({ head, spans = [] }) => head.spans > 0 && spans.length > 0);
  if (grown.length === 0) return;
  const list = toNumberList(
    engine,
    grown.flatMap(({ head }) => numbers.get(head.id) ?? []),
  );
  await raw`
    update trace set spans = (select count(*) from trace_span s where s.trace = trace.number) where number in ${list}`.execute(db);
}
