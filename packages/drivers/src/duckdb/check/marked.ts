import type { Session } from '../session.ts';
import type { Batch, Own } from './probe.ts';
import { ROW } from './probe.ts';
import { and, toPresent, toRowFinding } from './domain.ts';
import type { Of } from './domain.ts';
import { fromSamples, toSampleSelect } from './sample.ts';
import type { Sampled } from './sample.ts';
import type { Value } from './value.ts';

/** Expectations of rows that cannot be asked of a row alone: each looks at its neighbours, at its equals, or at another table. */

interface Marked {
  readonly rows: number;
  readonly unexpected: number;
  readonly shown: Sampled;
}

/** Counts a table of marked rows: `ROW`, the values as `c0` …, and `bad`. */
async function mark(session: Session, marked: string, values: readonly Value[]): Promise<Marked> {
  const examples = { values: values.map((value, at) => ({ sql: `c${at}`, kind: value.kind })), condition: 'bad' };
  const [row = []] = await session.rows(`SELECT count(*), count(*) FILTER (WHERE bad), ${toSampleSelect(examples)} FROM (${marked})`);
  return { rows: Number(row[0]), unexpected: Number(row[1]), shown: fromSamples(row[2] ?? null, examples) };
}

async function count(session: Session, batch: Batch, condition: string): Promise<number> {
  const [row = []] = await session.rows(`SELECT count(*) FROM ${batch.from} WHERE ${condition}`);
  return Number(row[0]);
}

const cells = (values: readonly Value[]): string => values.map(({ sql }, at) => `${sql} AS c${at}`).join(', ');

/**
 * Every member of a group of equals is unexpected; nulls are equal. First only hashes are grouped, which take little room; only rows whose hash comes again are then compared
 * themselves.
 */
export function toUniqueProbe(form: Of<'unique'>, values: readonly Value[], where: string | null): Own {
  const counted = and(where, toPresent(values, form.ignore));
  const hashed = `hash(${values.map(({ sql }) => sql).join(', ')})`;
  return {
    kind: 'own',
    async ask(session, batch, rows) {
      const again = `SELECT ${hashed} AS h, count(*) AS n FROM ${batch.from} WHERE ${counted} GROUP BY 1`;
      await session.connection.run(`CREATE OR REPLACE TEMP TABLE "pawl again" AS SELECT h FROM (${again}) WHERE n > 1`);
      const elements = where === null ? rows : await count(session, batch, and(where));
      const considered = counted === 'true' ? rows : await count(session, batch, counted);
      const candidates = `SELECT ${ROW}, ${cells(values)} FROM ${batch.numbered} WHERE ${counted} AND ${hashed} IN (SELECT h FROM "pawl again")`;
      const groups = values.map((_, at) => `c${at}`).join(', ');
      const repeated = `SELECT *, count(*) OVER (PARTITION BY ${groups}) > 1 AS bad FROM (${candidates})`;
      const [none = []] = await session.rows('SELECT count(*) = 0 FROM "pawl again"');
      const found = none[0] === true ? { unexpected: 0 } : await mark(session, repeated, values);
      await session.connection.run('DROP TABLE IF EXISTS "pawl again"');
      return { ...toRowFinding(elements, considered, found.unexpected, form.mostly), ...('shown' in found ? found.shown : {}) };
    },
  };
}

/** Each value against the one before it that is there, in the order of the file; the first is always right. */
export function toOrderProbe(form: Of<'order'>, value: Value, where: string | null): Own {
  if (value.kind === 'other' || value.kind === 'boolean')
    throw new RangeError(`column "${value.name}" is ${value.type}, whose values have no order`);
  const sign = `${form.rising ? '<' : '>'}${form.strictly ? '=' : ''}`;
  return {
    kind: 'own',
    async ask(session, batch, rows) {
      const present = `SELECT ${ROW}, ${value.sql} AS c0 FROM ${batch.numbered} WHERE ${and(where, `${value.sql} IS NOT NULL`)}`;
      const marked = `SELECT *, coalesce(c0 ${sign} before, false) AS bad FROM (SELECT *, lag(c0) OVER (ORDER BY ${ROW}) AS before FROM (${present}))`;
      const found = await mark(session, marked, [value]);
      const elements = where === null ? rows : await count(session, batch, and(where));
      return { ...toRowFinding(elements, found.rows, found.unexpected, form.mostly), ...found.shown };
    },
  };
}

export function toForeignProbe(
  form: Of<'foreign'>,
  value: Value,
  where: string | null,
  reference: { readonly from: string; readonly value: Value },
): Own {
  return {
    kind: 'own',
    async ask(session, batch, rows) {
      const known = `SELECT ${reference.value.sql} FROM ${reference.from} WHERE ${reference.value.sql} IS NOT NULL`;
      const present = and(where, `${value.sql} IS NOT NULL`);
      const marked = `SELECT ${ROW}, ${cells([value])}, (${value.sql} IN (${known})) IS NOT TRUE AS bad FROM ${batch.numbered} WHERE ${present}`;
      const found = await mark(session, marked, [value]);
      const elements = where === null ? rows : await count(session, batch, and(where));
      return { ...toRowFinding(elements, found.rows, found.unexpected, form.mostly), ...found.shown };
    },
  };
}
