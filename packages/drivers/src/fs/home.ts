import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fault } from '@pawl/core';
import { makeFolder } from './make-folder.ts';
import { toErrorCode, toWriteFault } from './reason.ts';

export interface HomeLock {
  /** Names this home for life: 32 hex digits, made when it was first locked. */
  readonly id: string;
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
  let id: string;
  try {
    makeFolder(home);
    database = new DatabaseSync(join(home, 'lock'), { timeout: 0 });
    // In memory: a journal file of a killed process would need a recovery that this empty database has no use for.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    id = readId(join(home, 'id')) ?? writeId(join(home, 'id'));
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
    id,
    release: () => {
      if (locks.delete(held)) held.close();
    },
  };
}

function readId(path: string): string | undefined {
  try {
    const id = readFileSync(path, 'utf8').trim();
    return /^[0-9a-f]{32}$/.test(id) ? id : undefined;
  } catch (error) {
    if (toErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written aside and renamed, so that a kill leaves either no name or a whole one. */
function writeId(path: string): string {
  const id = randomUUID().replaceAll('-', '');
  writeFileSync(`${path}.part`, `${id}\n`);
  renameSync(`${path}.part`, path);
  return id;
}

/** Primary result code of an error of node:sqlite. */
function toSqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
