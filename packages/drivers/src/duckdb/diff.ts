import { fault } from '@pawl/core';
import type { ColumnChange, TableDiff, TableSource } from '@pawl/core';
import type { Session } from './session.ts';
import { openSource, readingFrom, requireColumn } from './source.ts';
import type { Scan } from './source.ts';
import { toIdentifier } from './sql.ts';

/** Of a numeric column, cut at the quantiles of the older table. */
const BINS = 20;
const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*|DATE|TIME.*)$/;

/**
 * What changed from one table to another: columns, rows (by key, else as a multiset), and how each column's values are spread, as the total variation distance (half the sum of
 * the differences of shares: 0 the same, 1 nothing alike; NULL is a value). Out of core. Throws `table_unreadable`, `column_missing`, `invalid_input` when the key is not one.
 */
export async function diffTables(session: Session, before: TableSource, after: TableSource, key: readonly string[]): Promise<TableDiff> {
  const [was, is] = [await openSource(session, before), await openSource(session, after)];
  const columns = compareColumns(was, is);
  for (const name of key)
    for (const [scan, source] of [
      [was, before],
      [is, after],
    ] as const)
      requireColumn(scan, name, source.label);
  return readingFrom(after, async () => {
    const [rowsBefore, rowsAfter] = [await count(session, was.from), await count(session, is.from)];
    const kept = is.columns.filter(({ name }) => was.columns.some((one) => one.name === name)).map(({ name }) => name);
    const rows = key.length > 0 ? await byKey(session, was, is, key, kept) : await byValue(session, was, is, kept);
    const spread: TableDiff['spread'][number][] = [];
    for (const name of kept) {
      const type = is.columns.find((one) => one.name === name)?.type ?? '';
      const same = was.columns.find((one) => one.name === name)?.type === type;
      spread.push({ column: name, distance: await distance(session, was, is, name, same && NUMERIC.test(type)) });
    }
    return { columns, rowsBefore, rowsAfter, key, ...rows, spread };
  });
}

function compareColumns(was: Scan, is: Scan): readonly ColumnChange[] {
  const changes: ColumnChange[] = [];
  const before = new Map(was.columns.map(({ name, type }) => [name, type]));
  const after = new Map(is.columns.map(({ name, type }) => [name, type]));
  for (const [name, type] of after) if (!before.has(name)) changes.push({ column: name, before: null, after: type });
  for (const [name, type] of before) {
    const now = after.get(name) ?? null;
    if (now !== type) changes.push({ column: name, before: type, after: now });
  }
  return changes;
}

async function count(session: Session, from: string): Promise<number> {
  return Number((await session.rows(`SELECT count(*) FROM ${from}`))[0]?.[0] ?? 0);
}

type Rows = Pick<TableDiff, 'added' | 'removed' | 'changed' | 'changedBy'>;

async function byKey(session: Session, was: Scan, is: Scan, key: readonly string[], kept: readonly string[]): Promise<Rows> {
  const names = key.map(toIdentifier).join(', ');
  for (const { from } of [was, is]) {
    const [twice] = await session.rows(`SELECT 1 FROM ${from} GROUP BY ${names} HAVING count(*) > 1 LIMIT 1`);
    if (twice !== undefined)
      throw fault('invalid_input', {
        where: `key ${key.join(', ')}`,
        problem: 'several rows have the same; name columns that tell rows apart.',
      });
  }
  const values = kept.filter((name) => !key.includes(name));
  const differs = values.map((name) => toDiffers(was, is, name));
  const both = 'b.pawl_there AND a.pawl_there';
  const counts = [
    'count(*) FILTER (b.pawl_there IS NULL)',
    'count(*) FILTER (a.pawl_there IS NULL)',
    differs.length === 0 ? '0' : `count(*) FILTER (${both} AND (${differs.join(' OR ')}))`,
    ...differs.map((one) => `count(*) FILTER (${both} AND ${one})`),
  ];
  const on = key.map((name) => `b.${toIdentifier(name)} IS NOT DISTINCT FROM a.${toIdentifier(name)}`).join(' AND ');
  const [row = []] = await session.rows(
    `SELECT ${counts.join(', ')} FROM (SELECT *, true AS pawl_there FROM ${was.from}) b FULL JOIN (SELECT *, true AS pawl_there FROM ${is.from}) a ON ${on}`,
  );
  const numbers = row.map(Number);
  return {
    added: numbers[0] ?? 0,
    removed: numbers[1] ?? 0,
    changed: numbers[2] ?? 0,
    changedBy: values.flatMap((column, index) => {
      const rows = numbers[index + 3] ?? 0;
      return rows === 0 ? [] : [{ column, rows }];
    }),
  };
}

/** Values of two types are compared as text. */
function toDiffers(was: Scan, is: Scan, name: string): string {
  const typeOf = (scan: Scan): string => scan.columns.find((one) => one.name === name)?.type ?? '';
  const side = (alias: string): string =>
    typeOf(was) === typeOf(is) ? `${alias}.${toIdentifier(name)}` : `CAST(${alias}.${toIdentifier(name)} AS VARCHAR)`;
  return `(${side('b')} IS DISTINCT FROM ${side('a')})`;
}

/** Without a key a row that changed is one that went and one that came. */
async function byValue(session: Session, was: Scan, is: Scan, kept: readonly string[]): Promise<Rows> {
  if (kept.length === 0) return { added: 0, removed: 0, changed: null, changedBy: [] };
  const names = kept.map((name) => `CAST(${toIdentifier(name)} AS VARCHAR)`).join(', ');
  const less = (one: Scan, other: Scan): string => `(SELECT ${names} FROM ${one.from} EXCEPT ALL SELECT ${names} FROM ${other.from})`;
  return { added: await count(session, less(is, was)), removed: await count(session, less(was, is)), changed: null, changedBy: [] };
}

async function distance(session: Session, was: Scan, is: Scan, name: string, numeric: boolean): Promise<number> {
  const column = toIdentifier(name);
  const cuts = Array.from({ length: BINS - 1 }, (_, index) => (index + 1) / BINS).join(', ');
  const bounds = numeric ? `(SELECT quantile_disc(${column}, [${cuts}]) FROM ${was.from})` : 'NULL';
  const value = numeric
    ? `CASE WHEN ${column} IS NULL THEN NULL ELSE len(list_filter((SELECT bounds FROM cut), lambda x: x < ${column})) END`
    : `CAST(${column} AS VARCHAR)`;
  const shares = (scan: Scan): string =>
    `(SELECT v, count(*) / sum(count(*)) OVER () AS share FROM (SELECT ${value} AS v FROM ${scan.from}) GROUP BY v)`;
  const [row] = await session.rows(
    `WITH cut AS MATERIALIZED (SELECT ${bounds} AS bounds) SELECT sum(abs(coalesce(a.share, 0) - coalesce(b.share, 0))) / 2 FROM ${shares(was)} b FULL JOIN ${shares(is)} a ON b.v IS NOT DISTINCT FROM a.v`,
  );
  return Number(row?.[0] ?? 0);
}
