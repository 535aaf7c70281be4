import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { failure, unreadable } from './fail.ts';

export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Rows of one request: far below the server's limit of a body. */
const BATCH = 2000;

/** Rows of a file of JSON lines, in batches; `-` is standard input. Throws `file_unreadable`, `invalid_file` with the line. */
export async function* readRows(file: string): AsyncGenerator<readonly Row[]> {
  const name = file === '-' ? 'standard input' : file;
  let rows: Row[] = [];
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    if (line.trim() === '') continue;
    rows.push(await toRow(line, name, number));
    if (rows.length === BATCH) {
      yield rows;
      rows = [];
    }
  }
  if (rows.length > 0) yield rows;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const source = file === '-' ? process.stdin : createReadStream(file);
  try {
    yield* createInterface({ input: source, crlfDelay: Infinity });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw await unreadable(file, error);
  }
}

async function toRow(line: string, file: string, number: number): Promise<Row> {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (error) {
    throw await failure('invalid_file', { file: `${file}:${number}`, problem: 'this line is not JSON.' }, error);
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw await failure('invalid_file', { file: `${file}:${number}`, problem: 'this line is not a JSON object.' });
  return row as Row;
}
