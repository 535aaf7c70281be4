import { appendFileSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSeededRandom } from '@pawl/drivers';
import { createFsBlobs } from '@pawl/drivers/workspace';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Figure } from '../figure.ts';

const HOURS = 24;
const ROWS = 100_000;

/** What the store holds after a table was added whole, and again after each of 24 hours that appended to it, against a copy of each. */
export async function measureAppends(folder: string, say: (text: string) => void): Promise<Readonly<Record<string, Figure>>> {
  mkdirSync(folder, { recursive: true });
  const csv = join(folder, 'hours.csv');
  const parquet = join(folder, 'hours.parquet');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const random = createSeededRandom('appends');
  writeFileSync(csv, 'hour,id,amount,place\n');
  const kinds = [
    { name: 'append_csv', file: csv, grow: () => undefined },
    {
      name: 'append_parquet',
      file: parquet,
      grow: () => connection.run(`COPY (FROM read_csv('${csv}')) TO '${parquet}' (ROW_GROUP_SIZE 20000)`),
    },
  ];
  const sums = new Map(kinds.map(({ name }) => [name, 0]));
  const stores = new Map(kinds.map(({ name }) => [name, createFsBlobs({ root: join(folder, name) })]));
  for (let hour = 0; hour <= HOURS; hour += 1) {
    const lines = Array.from(
      { length: ROWS },
      (_, row) => `${hour},${hour * ROWS + row},${(random.next() * 1000).toFixed(2)},p${Math.floor(random.next() * 500)}\n`,
    );
    appendFileSync(csv, lines.join(''));
    for (const { name, file, grow } of kinds) {
      await grow();
      const bytes = readFileSync(file);
      sums.set(name, (sums.get(name) ?? 0) + bytes.length);
      await stores.get(name)?.putShared(bytes);
    }
  }
  connection.closeSync();
  return Object.fromEntries(
    kinds.map(({ name }) => {
      const [copies, stored] = [(sums.get(name) ?? 0) / 1e6, sizeOf(join(folder, name)) / 1e6];
      say(`${name}: ${HOURS + 1} versions of ${copies.toFixed(0)} MB together take ${stored.toFixed(0)} MB`);
      return [name, { value: stored, unit: 'MB', peer: 'a copy of each version', peer_value: copies, ratio: copies / stored }];
    }),
  );
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .reduce((sum, one) => sum + statSync(join(one.parentPath, one.name)).size, 0);
}
