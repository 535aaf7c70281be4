import { emptyHistogram, PROFILE_QUANTILES, quantileOf, toCanonicalJson, toSemantic, toShapes } from '@pawl/core';
import type { ColumnProfile, Hash, JsonValue, NumberProfile, QuantileEdges, TableProfile, TableSource, Weighed } from '@pawl/core';
import type { DuckDBValue } from '@duckdb/node-api';
import { fromText, isNumeric, toValue } from './check/value.ts';
import type { Value } from './check/value.ts';
import type { Row, Session } from './session.ts';
import { openSource, readingFrom } from './source.ts';
import { toIdentifier, toNumber, toText } from './sql.ts';

const CELLS = 256;
const TOP = 20;
/** A column of so few values is told whole. */
const WHOLE = 100;
/** Up to as many different values a column is counted value by value, and all that is told of it is exact. */
const MOST_EXACT = 4096;
/** Texts of a column of many values that are looked at for their shape. */
const LOOKED_AT = 2000;
const LONGEST = 200;
/** Of so few rows the quantiles are exact: they fit into memory, and what is drawn from them is what the rows themselves give. */
const FEW_ROWS = 100_000;

/** What is known of a column after each pass. */
interface Draft {
  readonly value: Value;
  /** The column as a number, NaN and infinities among them; undefined when it has none. */
  readonly number: string | undefined;
  readonly first: Readonly<Record<string, DuckDBValue>>;
  readonly exact: boolean;
}

interface Ask {
  readonly name: string;
  readonly sql: string;
}

/**
 * Looks at every column: one pass takes counts, moments and sketches of all; a column of few values is then counted value by value, exactly; of the others a second pass counts
 * the cells between the quantiles that the first one drew, and the values that it found frequent. Whatever the rows, memory holds sketches and small tables only.
 */
export async function profileTable(session: Session, source: TableSource, hash: Hash): Promise<TableProfile> {
  const scan = await openSource(session, source);
  return readingFrom(source, async () => {
    const from = source.format === 'parquet' ? scan.from : await load(session, scan.from);
    const values = scan.columns.map(toValue);
    const { rows, drafts } = await first(session, from, values);
    const columns: ColumnProfile[] = [];
    const sketched = await second(
      session,
      from,
      drafts.filter((draft) => !draft.exact),
      rows,
    );
    for (const draft of drafts) {
      const counted = draft.exact ? await countValues(session, from, draft) : (sketched.get(draft.value.name) as Counted);
      columns.push(toColumn(draft, counted, rows, hash));
    }
    return { rows, columns };
  });
}

/** Text would be parsed again by every pass. */
async function load(session: Session, from: string): Promise<string> {
  await session.connection.run(`CREATE OR REPLACE TEMP TABLE "pawl profile" AS SELECT * FROM ${from}`);
  return '"pawl profile"';
}

function toNumeric(value: Value): string | undefined {
  if (isNumeric(value)) return `CAST(${toIdentifier(value.name)} AS DOUBLE)`;
  return value.kind === 'boolean' ? `CAST(CAST(${value.sql} AS TINYINT) AS DOUBLE)` : undefined;
}

async function first(
  session: Session,
  from: string,
  values: readonly Value[],
): Promise<{ readonly rows: number; readonly drafts: readonly Draft[] }> {
  const asks = values.map((value): readonly Ask[] => {
    const x = value.sql;
    const number = toNumeric(value);
    const always = [
      { name: 'present', sql: `count(${x})` },
      { name: 'distinct', sql: `approx_count_distinct(${x})` },
      ...(value.kind === 'other'
        ? []
        : [
            { name: 'min', sql: `CAST(min(${x}) AS VARCHAR)` },
            { name: 'max', sql: `CAST(max(${x}) AS VARCHAR)` },
          ]),
    ];
    if (value.kind === 'text')
      return [
        ...always,
        { name: 'empty', sql: `count(*) FILTER (WHERE ${x} = '')` },
        { name: 'shortest', sql: `min(length(${x}))` },
        { name: 'longest', sql: `max(length(${x}))` },
        { name: 'length', sql: `avg(length(${x}))` },
      ];
    if (number === undefined) return always;
    const finite = value.type === 'FLOAT' || value.type === 'DOUBLE' ? ` FILTER (WHERE isfinite(${number}))` : '';
    return [
      ...always,
      { name: 'mean', sql: `avg(${number})${finite}` },
      { name: 'variance', sql: `var_samp(${number})${finite}` },
      { name: 'least', sql: `min(${number})${finite}` },
      { name: 'most', sql: `max(${number})${finite}` },
      { name: 'zeros', sql: `count(*) FILTER (WHERE ${number} = 0)` },
      { name: 'negatives', sql: `count(*) FILTER (WHERE ${number} < 0)` },
      ...(finite === ''
        ? []
        : [
            { name: 'nans', sql: `count(*) FILTER (WHERE isnan(${number}))` },
            { name: 'positive', sql: `count(*) FILTER (WHERE ${number} = 'inf'::DOUBLE)` },
            { name: 'negative', sql: `count(*) FILTER (WHERE ${number} = '-inf'::DOUBLE)` },
          ]),
    ];
  });
  const row = await askRow(session, from, ['count(*)', ...asks.flat().map((ask) => ask.sql)]);
  let at = 1;
  const drafts = values.map((value, index): Draft => {
    const answers = Object.fromEntries((asks[index] ?? []).map((ask) => [ask.name, row[at++] ?? null]));
    return { value, number: toNumeric(value), first: answers, exact: value.kind !== 'other' && Number(answers['distinct']) <= MOST_EXACT };
  });
  return { rows: Number(row[0]), drafts };
}

async function askRow(session: Session, from: string, selects: readonly string[]): Promise<Row> {
  return (await session.rows(`SELECT ${selects.map((sql, at) => `${sql} AS a${at}`).join(', ')} FROM ${from}`))[0] ?? [];
}

/** Values with their counts, and the finite numbers of a column on cells. */
interface Counted {
  readonly distinct: number;
  readonly top: Weighed;
  readonly looked: Weighed;
  readonly cells: Cells | undefined;
}

interface Cells {
  readonly edges: QuantileEdges;
  readonly counts: readonly number[];
  readonly quantiles: NumberProfile['quantiles'];
}

/** A value found by a sketch is frequent when one in so many is it; below, the sketch is no proof that others are rarer. */
const FREQUENT = 1000;

/** A column of few values, all of them: grouped once, and everything else is of the small table. */
async function countValues(session: Session, from: string, { value, number }: Draft): Promise<Counted> {
  const as = number ?? 'NULL';
  const grouped = `SELECT left(CAST(${value.sql} AS VARCHAR), ${LONGEST + 1}), count(*) AS n, any_value(${as}) FROM ${from} WHERE ${value.sql} IS NOT NULL GROUP BY ${value.sql} ORDER BY n DESC, 1`;
  const rows = await session.rows(grouped);
  const counted = rows.map((row) => ({
    value: String(row[0]),
    count: Number(row[1]),
    number: row[2] === null || row[2] === undefined ? Number.NaN : Number(row[2]),
  }));
  const numbers = counted.filter((one) => Number.isFinite(one.number)).toSorted((a, b) => a.number - b.number);
  return {
    distinct: counted.length,
    top: counted.slice(0, counted.length <= WHOLE ? WHOLE : TOP),
    looked: counted.slice(0, LOOKED_AT),
    cells: number === undefined ? undefined : toCells(numbers),
  };
}

/** One cell a value up to 256 of them, else cells of about equal weight; an edge is never the largest value. */
function toCells(sorted: readonly { readonly number: number; readonly count: number }[]): Cells | undefined {
  const [least, most] = [sorted[0]?.number, sorted.at(-1)?.number];
  if (least === undefined || most === undefined) return undefined;
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  const edges: number[] = [];
  const counts: number[] = [0];
  let below = 0;
  let target = 1;
  for (const { number, count } of sorted) {
    below += count;
    counts[counts.length - 1] = (counts.at(-1) as number) + count;
    if (number === most) break;
    if (sorted.length > CELLS && below * CELLS < target * total) continue;
    edges.push(number === 0 ? 0 : number);
    counts.push(0);
    // A heavy value reaches several targets at once; cells between them would stay empty.
    target = Math.floor((below * CELLS) / total) + 1;
  }
  let sum = 0;
  const upTo = sorted.map(({ number, count }) => ({ number, sum: (sum += count) }));
  const quantiles = PROFILE_QUANTILES.map((share) => ({ share, value: upTo.find((one) => one.sum >= share * total)?.number ?? most }));
  return { edges: { edges, min: least, max: most }, counts, quantiles };
}

/** Columns of many values: what the sketches of one pass say of them is counted in the next, for all at once. */
async function second(session: Session, from: string, drafts: readonly Draft[], rows: number): Promise<ReadonlyMap<string, Counted>> {
  if (drafts.length === 0) return new Map();
  const shares = Array.from({ length: CELLS - 1 }, (_, at) => toNumber((at + 1) / CELLS)).join(', ');
  const quantiles = (number: string): string =>
    rows <= FEW_ROWS ? `quantile_disc(${number}, [${shares}])` : `approx_quantile(${number}, [${shares}]::FLOAT[])`;
  const sketches = drafts.flatMap(({ value, number }) => [
    number === undefined ? 'NULL' : `${quantiles(number)} FILTER (WHERE isfinite(${number}))`,
    value.kind === 'other'
      ? 'NULL'
      : `list_transform(approx_top_k(${value.sql}, ${TOP}), lambda "pawl value": CAST("pawl value" AS VARCHAR))`,
  ]);
  const drawn = await askRow(session, from, sketches);
  const places = drafts.map((draft, at) => toEdges(draft, toList(drawn[2 * at]).map(Number)));
  const frequent = drafts.map((_, at) => toList(drawn[2 * at + 1]).filter((one): one is string => typeof one === 'string'));
  const counts = drafts.flatMap(({ value, number }, at) => [
    places[at] === undefined
      ? 'NULL'
      : `histogram(${number}, [${places[at].edges.map(toNumber).join(', ')}]::DOUBLE[]) FILTER (WHERE isfinite(${number}))`,
    frequent[at]?.length === 0
      ? 'NULL'
      : `histogram_exact(CAST(${value.sql} AS VARCHAR), [${(frequent[at] ?? []).map(toText).join(', ')}])`,
  ]);
  const counted = await askRow(session, from, counts);
  const looked = await look(session, from, drafts);
  return new Map(
    drafts.map(({ value, first: { distinct, present } }, at): readonly [string, Counted] => {
      const edges = places[at];
      const top = toEntries(counted[2 * at + 1])
        .filter(([key]) => typeof key === 'string' && (frequent[at] ?? []).includes(key))
        .map(([key, count]) => ({ value: String(key).slice(0, LONGEST), count }))
        .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
      const cells = edges === undefined ? undefined : toSketched(edges, toCounts(edges, toEntries(counted[2 * at])));
      return [
        value.name,
        {
          distinct: Number(distinct),
          top: top.filter(({ count }) => count * FREQUENT >= Number(present)),
          looked: looked.get(value.name) ?? [],
          cells,
        },
      ];
    }),
  );
}

function toEdges({ first: { least, most } }: Draft, drawn: readonly number[]): QuantileEdges | undefined {
  if (least === null || least === undefined || most === null || most === undefined) return undefined;
  const [min, max] = [Number(least), Number(most)];
  const edges = drawn.filter((edge, at) => edge < max && edge >= min && (at === 0 || edge > (drawn[at - 1] as number)));
  return { edges: edges.map((edge) => (edge === 0 ? 0 : edge)), min, max };
}

function toSketched(edges: QuantileEdges, counts: readonly number[]): Cells {
  return { edges, counts, quantiles: PROFILE_QUANTILES.map((share) => ({ share, value: quantileOf(edges, counts, share) })) };
}

function toCounts({ edges }: QuantileEdges, entries: readonly (readonly [DuckDBValue, number])[]): readonly number[] {
  const places = new Map(edges.map((edge, at) => [edge, at]));
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const [edge, count] of entries) {
    // What lies above the last edge is counted under a bound of its own.
    const at = places.get(Number(edge)) ?? edges.length;
    counts[at] = (counts[at] as number) + count;
  }
  return counts;
}

/** Some texts of each column, from all over the table. */
async function look(session: Session, from: string, drafts: readonly Draft[]): Promise<ReadonlyMap<string, Weighed>> {
  const texts = drafts.filter(({ value }) => value.kind === 'text');
  if (texts.length === 0) return new Map();
  const names = texts.map(({ value }) => `left(${value.sql}, ${LONGEST})`).join(', ');
  const rows = await session.rows(`SELECT ${names} FROM ${from} USING SAMPLE reservoir(${LOOKED_AT} ROWS) REPEATABLE (1)`);
  return new Map(
    texts.map(({ value }, at) => [value.name, rows.flatMap((row) => (typeof row[at] === 'string' ? [{ value: row[at], count: 1 }] : []))]),
  );
}

function toColumn({ value, number, first: known, exact }: Draft, counted: Counted, rows: number, hash: Hash): ColumnProfile {
  const present = Number(known['present'] ?? 0);
  const text = (name: string): JsonValue => (typeof known[name] === 'string' ? fromText(cut(known[name]), value.kind) : null);
  const numbers = counted.cells === undefined ? null : toNumbers(known, counted.cells, rows, rows - present, hash);
  const signs = {
    type: value.type,
    present,
    distinct: counted.distinct,
    exact,
    whole: value.kind === 'integer',
    numeric: number !== undefined,
  };
  return {
    name: value.name,
    type: value.type,
    semantic: toSemantic({ ...signs, negatives: Number(known['negatives'] ?? 0), values: counted.looked }),
    nulls: rows - present - Number(known['nans'] ?? 0),
    distinct: { count: counted.distinct, exact },
    min: text('min'),
    max: text('max'),
    top: counted.top.map((one) => ({ value: fromText(cut(one.value), value.kind), count: one.count })),
    numbers,
    texts:
      value.kind !== 'text' || present === 0
        ? null
        : {
            empty: Number(known['empty']),
            minLength: Number(known['shortest']),
            maxLength: Number(known['longest']),
            meanLength: Number(known['length']),
            shapes: toShapes(counted.looked),
          },
  };
}

function toNumbers(known: Draft['first'], { edges, counts, quantiles }: Cells, rows: number, missing: number, hash: Hash): NumberProfile {
  const count = (name: string): number => Number(known[name] ?? 0);
  const special = { nans: count('nans'), positiveInfinite: count('positive'), negativeInfinite: count('negative') };
  return {
    ...special,
    zeros: count('zeros'),
    negatives: count('negatives'),
    mean: count('mean'),
    variance: known['variance'] === null || known['variance'] === undefined ? null : Number(known['variance']),
    quantiles,
    edges,
    histogram: {
      ...emptyHistogram(edges, hash(toCanonicalJson(edges))),
      counts: [...counts],
      rows,
      nulls: missing - special.nans,
      ...special,
    },
  };
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

function toList(value: DuckDBValue | undefined): readonly DuckDBValue[] {
  return value === null || value === undefined ? [] : (value as unknown as { readonly items: readonly DuckDBValue[] }).items;
}

function toEntries(value: DuckDBValue | undefined): readonly (readonly [DuckDBValue, number])[] {
  if (value === null || value === undefined) return [];
  const { entries } = value as unknown as { readonly entries: readonly { readonly key: DuckDBValue; readonly value: DuckDBValue }[] };
  return entries.map((entry) => [entry.key, Number(entry.value)]);
}
