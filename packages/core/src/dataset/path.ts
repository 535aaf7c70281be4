import { fault } from '../fault/fault.ts';

/** In UTF-16 units; file systems end between 1024 and 4096 bytes. */
const LONGEST = 1024;

/**
 * Whether a relative path with forward slashes stays in its folder and means the same file everywhere: no empty, `.` or `..` part (so no leading slash), no backslash, drive
 * letter or NUL.
 */
export function isSafePath(path: string): boolean {
  return path.length <= LONGEST && isPlainPath(path);
}

/** The same for a path of any length, of which a store knows its own most. */
export function isPlainPath(path: string): boolean {
  return !/[\0\\]/.test(path) && !/^[A-Za-z]:/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Throws `path_unsafe`. */
export function checkPath(path: string): void {
  if (!isSafePath(path)) throw fault('path_unsafe', { path });
}
