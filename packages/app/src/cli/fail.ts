import type { Fault, FaultCode, FaultDetails } from '@pawl/core';

/** A fault made where a command meets the disk. Core is loaded only now, when there is something to complain about. */
export async function failure<Code extends FaultCode>(code: Code, details: FaultDetails<Code>, cause?: unknown): Promise<Fault> {
  const { fault } = await import('@pawl/core/content');
  return fault(code, details, cause);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link that leads in a circle',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
};

/** Why the disk refused, in words. */
function toReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : REASONS[code]) ?? code ?? message;
}

export const unreadable = (path: string, error: unknown): Promise<Fault> =>
  failure('file_unreadable', { path, reason: toReason(error) }, error);

export const unwritable = (path: string, error: unknown): Promise<Fault> =>
  failure('not_writable', { path, reason: toReason(error) }, error);
