import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SessionOptions {
  /** As DuckDB writes it, such as `2GB`; its own default is most of the machine's memory. */
  readonly memoryLimit?: string;
  readonly threads?: number;
}

export type Row = readonly DuckDBValue[];

/** One connection, for one piece of work. */
export interface Session {
  readonly connection: DuckDBConnection;
  rows(sql: string): Promise<readonly Row[]>;
}

export interface Sessions {
  run<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly spill: string;
}

/** A DuckDB in memory that is loaded and started at the first piece of work, and spills to a temporary folder of its own. It never fetches an extension. */
export function createSessions(options: SessionOptions): Sessions {
  let opening: Promise<Opened> | undefined;
  let closed = false;

  async function open(): Promise<Opened> {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const spill = await mkdtemp(join(tmpdir(), 'pawl-duckdb-'));
    const instance = await DuckDBInstance.create(':memory:', {
      temp_directory: spill,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      ...(options.memoryLimit === undefined ? {} : { memory_limit: options.memoryLimit }),
      ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    });
    return { instance, spill };
  }

  async function run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (closed) throw new Error('the tables are closed');
    opening ??= open();
    const { instance } = await opening;
    const connection = await instance.connect();
    try {
      // Else a time without a zone is compared with one that has a zone in the zone of the machine.
      await connection.run("SET TimeZone = 'UTC'");
      return await work({ connection, rows: async (sql) => (await connection.runAndReadAll(sql)).getRows() });
    } finally {
      connection.closeSync();
    }
  }

  async function close(): Promise<void> {
    closed = true;
    const opened = await opening?.catch(() => undefined);
    opening = undefined;
    if (opened === undefined) return;
    opened.instance.closeSync();
    await rm(opened.spill, { recursive: true, force: true });
  }

  return { run, close };
}
