import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fault } from '@pawl/core';
import { toWriteFault } from './reason.ts';

export interface HomeLock {
  release(): void;
}

const SQLITE_BUSY = 5;

/** Keeps the databases from the garbage collector, which would close them and let the lock go while the server still runs. */
const locks = new Set<DatabaseSync>();

/**
 * Makes the home and holds it for this process alone. The lock is that of an open exclusive SQLite transaction, which the operating system drops when the process ends in
 * whatever way, so a killed server leaves nothing to clean up. Throws `home_in_use`, or `not_writable` when the folder cannot be made or written.
 */
export function lockHome(path: string): HomeLock {
  const home = resolve(path);
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(home, { recursive: true });
    database = new DatabaseSync(join(home, 'lock'), { timeout: 0 });
    // In memory: a journal file of a killed process would need a recovery that this empty database has no use for.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (toSqliteCode(error) === SQLITE_BUSY) throw fault('home_in_use', { home: path }, error);
    throw toWriteFault(
      path,
      toSqliteCode(error) === undefined ? error : new Error('its lock file cannot be opened or written', { cause: error }),
    );
  }
  const held = database;
  locks.add(held);
  return {
    release: () => {
      if (locks.delete(held)) held.close();
    },
  };
}

/** Primary result code of an error of node:sqlite. */
function toSqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
