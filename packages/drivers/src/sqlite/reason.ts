import { fault, isFault } from '@pawl/core';
import { BAD_PATTERN } from './regexp.ts';

/** Primary result codes, https://sqlite.org/rescode.html. */
const codes = { busy: 5, locked: 6, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 } as const;

const unwritable: readonly number[] = [codes.readonly, codes.ioerr, codes.full, codes.cantopen];
const unusable: readonly number[] = [codes.busy, codes.locked, codes.corrupt, codes.notadb];

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === codes.busy;
}

/** A fault for what the file, its disk or another process did; every other error stays what it is. */
export function toSqliteFault(error: unknown, path: string): unknown {
  if (isFault(error)) return error;
  const code = primaryCode(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'code' in error && error.code === BAD_PATTERN) {
    return fault('search_filter_invalid', { problem: reason, at: 1 }, error);
  }
  if (error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE') {
    return fault('database_unreachable', { reason: `${path} is closed` }, error);
  }
  if (code !== undefined && unwritable.includes(code)) return fault('not_writable', { path, reason }, error);
  if (code !== undefined && unusable.includes(code)) return fault('database_unreachable', { reason: `${path}: ${reason}` }, error);
  return error;
}

function primaryCode(error: unknown): number | undefined {
  const extended = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof extended === 'number' ? extended & 0xff : undefined;
}
