/** Runs reads on a connection of its own, one after the other. It is given no writes: the file is open for reading only. */
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { createKept } from './kept.ts';
import type { Answer, Question, ReadColumn, ReaderStart } from './reader-message.ts';
import { createRegexp } from './regexp.ts';

/**
 * Pages of the file that are read where the system has them in memory, without being copied: searches touch many. What lies beyond is read as usual, through
 * a small cache. Such memory is the system's to take back.
 */
const MAPPED_BYTES = 256 * 1024 * 1024;

const { path } = workerData as ReaderStart;
let database: DatabaseSync | undefined;

function open(): DatabaseSync {
  const opened = new DatabaseSync(path, { timeout: 5000, readOnly: true });
  opened.exec(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
  return opened;
}

const regexp = createRegexp(() => (database ??= open()));
const statements = createKept((sql): StatementSync => {
  database ??= open();
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
});

function answer({ sql, parameters }: Question): Answer {
  try {
    const statement = statements.get(sql);
    const rows = statement.all(...parameters) as unknown as readonly (readonly unknown[])[];
    const names = statement.columns().map(({ name }) => name);
    return { kind: 'rows', names, columns: names.map((_, at) => toColumn(rows, at)), count: rows.length };
  } catch (error) {
    const { message, code, errcode } = error as Error & { readonly code?: string; readonly errcode?: number };
    return { kind: 'failure', message, code, errcode };
  }
}

function toColumn(rows: readonly (readonly unknown[])[], at: number): ReadColumn {
  if (!rows.every((row) => typeof row[at] === 'number')) return rows.map((row) => row[at]);
  return Float64Array.from(rows, (row) => row[at] as number);
}

parentPort?.on('message', (question: Question) => {
  const defined = regexp.ready(question.sql);
  if (defined === undefined) send(question);
  else void defined.then(() => send(question));
});

function send(question: Question): void {
  const given = answer(question);
  const packed = given.kind === 'rows' ? given.columns.filter((column) => column instanceof Float64Array) : [];
  parentPort?.postMessage(
    given,
    packed.map((column) => column.buffer),
  );
}
