import { fault } from '@pawl/core/content';
import type { Fault } from '@pawl/core';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'something else is there already',
  EFBIG: 'the file would be larger than this disk or account allows',
  EINVAL: 'the name is not valid here',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'its links go round in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many files are open on this machine',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENOTEMPTY: 'a folder with content is there already',
  EPERM: 'the operation is not permitted',
  EROFS: 'the disk is read-only',
};

/** The `code` of an error of the operating system, such as ENOENT. */
export function toErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** One line that says what the operating system had against it; it names no path. */
export function toReason(error: unknown): string {
  const code = toErrorCode(error);
  if (code !== undefined) return reasons[code] ?? `the system says ${code}`;
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error);
}

export function toWriteFault(path: string, error: unknown): Fault {
  return fault('not_writable', { path, reason: toReason(error) }, error);
}

export function toReadFault(path: string, error: unknown): Fault {
  return fault('file_unreadable', { path, reason: toReason(error) }, error);
}
