import type { Session } from '../session.ts';
import type { Batch, Finding, Own } from './probe.ts';
import { ROW } from './probe.ts';
import { and, toPresent, toRowFinding } from './domain.ts';
import type { Of } from './domain.ts';
import { fromSamples, toSampleSelect } from './sample.ts';
import type { Value } from './value.ts';

/** Expectations of rows that cannot be asked of a row alone: each looks at its neighbours, at its equals, or at another table. */

/** Counts a table of marked rows: `ROW`, the values, and `bad`. */
async function count(session: Session, marked: string, values: readonly Value[], elements: number, mostly: number): Promise<Finding> {
  const shown = values.map((value, at) => ({ sql: `c${at}`, kind: value.kind }));
  const examples = { values: shown, condition: 'bad' };
  const [row = []] = await session.rows(`SELECT count(*), count(*) FILTER (WHERE bad), ${toSampleSelect(examples)} FROM (${marked})`);
  return { ...toRowFinding(elements, Number(row[0]), Number(row[1]), mostly), ...fromSamples(row[2] ?? null, examples) };
}

async function rowsOf(session: Session, batch: Batch, where: string | null): Promise<number> {
  const [row = []] = await session.rows(`SELECT count(*) FROM ${batch.from} WHERE ${and(where)}`);
  return Number(row[0]);
}

const cells = (values: readonly Value[]): string => values.map(({ sql }, at) => `${sql} AS c${at}`).join(', ');

/** Every member of a group of equals is unexpected; nulls are equal. The members are looked for only when there are any. */
export function toUniqueProbe(form: Of<'unique'>, values: readonly Value[], where: string | null): Own {
  const counted = and(where, toPresent(values, form.ignore));
  return {
    kind: 'own',
    async ask(session, batch) {
      const groups = `SELECT ${cells(values)}, count(*) AS n FROM ${batch.from} WHERE ${counted} GROUP BY ALL`;
      const [row = []] = await session.rows(`SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE n > 1), 0) FROM (${groups})`);
      const elements = await rowsOf(session, batch, where);
      const finding = toRowFinding(elements, Number(row[0]), Number(row[1]), form.mostly);
      if (finding.unexpectedCount === 0) return finding;
      const same = values.map((_, at) => `a.c${at} IS NOT DISTINCT FROM b.c${at}`).join(' AND ');
      const repeated = `SELECT a.* FROM (SELECT ${ROW}, ${cells(values)} FROM ${batch.numbered} WHERE ${counted}) a SEMI JOIN (${groups} HAVING n > 1) b ON ${same}`;
      const examples = { values: values.map((value, at) => ({ sql: `c${at}`, kind: value.kind })), condition: 'true' };
      const [found = []] = await session.rows(`SELECT ${toSampleSelect(examples)} FROM (${repeated})`);
      return { ...finding, ...fromSamples(found[0] ?? null, examples) };
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
    async ask(session, batch) {
      const present = `SELECT ${ROW}, ${value.sql} AS c0 FROM ${batch.numbered} WHERE ${and(where, `${value.sql} IS NOT NULL`)}`;
      const marked = `SELECT *, coalesce(c0 ${sign} before, false) AS bad FROM (SELECT *, lag(c0) OVER (ORDER BY ${ROW}) AS before FROM (${present}))`;
      return count(session, marked, [value], await rowsOf(session, batch, where), form.mostly);
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
    async ask(session, batch) {
      const known = `SELECT ${reference.value.sql} FROM ${reference.from} WHERE ${reference.value.sql} IS NOT NULL`;
      const present = and(where, `${value.sql} IS NOT NULL`);
      const marked = `SELECT ${ROW}, ${cells([value])}, (${value.sql} IN (${known})) IS NOT TRUE AS bad FROM ${batch.numbered} WHERE ${present}`;
      return count(session, marked, [value], await rowsOf(session, batch, where), form.mostly);
    },
  };
}
