import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { fault, isFault } from '@pawl/core';
import { toErrorCode, toWriteFault } from '../fs/reason.ts';
import { PARQUET } from './query.ts';
import { toDuckReason } from './reason.ts';
import { createSessions } from './session.ts';
import { toIdentifier, toText } from './sql.ts';

/** The answer of another database: every value as its text, or null. */
export interface RowSource {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly (string | null)[]>;
  /** DuckDB's types of the columns; sure once all rows have been read. Those of a BLOB come as hex digits. */
  types(): readonly string[];
}

const BATCH = 1024 * 1024;
const LONGEST_ROW = 64 * 1024 * 1024;

/** Writes rows as Parquet, in the order in which they come; gives their number. They go through a file beside it, so that memory does not grow with them. */
export async function writeRows({ columns, rows, types }: RowSource, target: string, onRows: (count: number) => void): Promise<number> {
  const refused = (problem: string, cause?: unknown): Error => fault('invalid_input', { where: 'the query', problem }, cause);
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw refused(`it names column "${twice}" twice: give one of them another name with AS.`);
  const aside = `${target}.csv`;
  const file = await open(aside, 'wx', 0o600).catch((error: unknown) => Promise.reject(toWriteFault(aside, error)));
  const sessions = createSessions({});
  try {
    const count = await writeLines(file, rows, onRows).finally(() => file.close());
    const kinds = types();
    const given = columns.map((_, index) => `c${index}: 'VARCHAR'`).join(', ');
    const picked = columns.map((name, index) => `${toCast(`c${index}`, kinds[index] ?? 'VARCHAR')} AS ${toIdentifier(name)}`).join(', ');
    const csv = `read_csv(${toText(aside)}, columns = {${given}}, header = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, auto_detect = false, parallel = false, max_line_size = ${LONGEST_ROW})`;
    await sessions.run(({ connection }) => connection.run(`COPY (SELECT ${picked} FROM ${csv}) TO ${toText(target)} (${PARQUET})`));
    return count;
  } catch (error) {
    await rm(target, { force: true }).catch(() => undefined);
    if (isFault(error) || toErrorCode(error) !== undefined) throw error;
    throw refused(`its answer cannot be written: ${toDuckReason(error, [aside, target])}.`, error);
  } finally {
    await sessions.close();
    await rm(aside, { force: true });
  }
}

async function writeLines(file: FileHandle, rows: RowSource['rows'], onRows: (count: number) => void): Promise<number> {
  let [count, told, batch] = [0, 0, ''];
  const flush = async (): Promise<void> => {
    await file.writeFile(batch).catch((error: unknown) => Promise.reject(toWriteFault('a temporary file', error)));
    onRows(count - told);
    [batch, told] = ['', count];
  };
  for await (const row of rows) {
    // A row of one null would be an empty line, which is none.
    batch += `${row.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`;
    count += 1;
    if (batch.length > BATCH) await flush();
  }
  await flush();
  return count;
}

const toCast = (name: string, type: string): string =>
  type === 'VARCHAR' ? name : type === 'BLOB' ? `unhex(${name})` : `CAST(${name} AS ${type})`;
