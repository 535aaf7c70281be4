import { fault } from '@pawl/core';

/** SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const UNIQUE_VIOLATION = '23505';
/** Only filters hold any, and core takes only what it can parse itself. */
const INVALID_REGULAR_EXPRESSION = '2201B';

/**
 * Connection lost, shutting down, ended for idling in a transaction, no more connections, login refused, no such database; and Node's own codes
 * of a broken socket.
 */
const unreachable = /^(?:08|57P|25P03|53300|28|3D000)|^E(?:CONN|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN)|^ENOTFOUND/;
/** pg's own errors carry no code. */
const broken =
  /connection terminated|timeout expired|timeout exceeded|not queryable|client was closed|after calling end on the pool|already been destroyed/i;
/** Disk full; read-only transaction, as on a standby. */
const unwritable = /^(?:53100|25006)/;

/** The transaction lost to another one and may succeed when run again. */
export function isRetryable(error: unknown): boolean {
  const code = codeOf(error);
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED || isPlanOutdated(error);
}

/** The table that a prepared statement reads has got another column: another server has migrated. The code stands for more than that. */
export function isPlanOutdated(error: unknown): boolean {
  return codeOf(error) === '0A000' && /cached plan/.test(reasonOf(error, ''));
}

/** A fault for what the server or the network did; every other error stays what it is. */
export function toPostgresFault(error: unknown): unknown {
  const code = codeOf(error);
  const reason = reasonOf(error, code);
  if (code === UNIQUE_VIOLATION) return fault('write_conflict', { what: 'A record of that name or id' }, error);
  if (code === INVALID_REGULAR_EXPRESSION) return fault('search_filter_invalid', { problem: 'Invalid regular expression', at: 1 }, error);
  if (unwritable.test(code)) return fault('not_writable', { path: 'the PostgreSQL database', reason }, error);
  if (unreachable.test(code) || (code === '' && broken.test(reason))) return fault('database_unreachable', { reason }, error);
  return error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function reasonOf(error: unknown, code: string): string {
  const message = error instanceof Error ? error.message : String(error);
  // A name with several addresses fails with an AggregateError that has no words of its own.
  if (error instanceof AggregateError && message === '') return error.errors.map((each: unknown) => reasonOf(each, code)).join('; ');
  return message === '' ? code : message;
}
