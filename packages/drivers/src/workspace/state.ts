/**
 * What is remembered of a folder whose files are versions of a dataset: of each file its identity on the disk and its digest, so that an unchanged file is not read again, and
 * what the version it came from says of it, so that changes are told without asking a server. One file, written aside and renamed; losing it costs one reading of the folder.
 *
 *   "PAWLWRK2", length of the head (uint32), count of rows (uint32), head (JSON, and spaces up to a multiple of 8), the rows (see rows.ts),
 *   then their paths, each ended by NUL; at the end the SHA-256 of all before. Numbers are little-endian.
 */
import { hash, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Digest } from '@pawl/core';
import { makeFolder } from '../fs/make-folder.ts';
import { toErrorCode } from '../fs/reason.ts';
import { NO_ROWS, ROW, createRows } from './rows.ts';
import type { DiskFile, WorkspaceRows } from './rows.ts';
import type { WalkedFile } from './walk.ts';

/** What the folder's files were when it was added or checked out. */
export interface WorkspaceBase {
  readonly dataset: string;
  readonly version: number;
  readonly branch: string;
  readonly manifest: Digest;
  readonly server: string;
  /** Only this part of the version is here. */
  readonly under: readonly string[];
}

export interface WorkspaceState {
  readonly base: WorkspaceBase | undefined;
  readonly rows: WorkspaceRows;
}

const MAGIC = 'PAWLWRK2';
const START = 16;
const KEY = 32;

function encodeState({ base, rows }: WorkspaceState): Buffer {
  const text = JSON.stringify({ base: base ?? null });
  const head = Buffer.from(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const first = Buffer.alloc(START);
  first.write(MAGIC, 0, 'latin1');
  first.writeUInt32LE(head.length, 8);
  first.writeUInt32LE(rows.paths.length, 12);
  const paths = Buffer.from(rows.paths.length === 0 ? '' : `${rows.paths.join('\0')}\0`);
  const bytes = Buffer.concat([first, head, rows.records, paths, Buffer.alloc(KEY)]);
  const end = bytes.length - KEY;
  hash('sha256', bytes.subarray(0, end), 'buffer').copy(bytes, end);
  return bytes;
}

/** Undefined when the bytes are not a whole state. */
function decodeState(bytes: Buffer): WorkspaceState | undefined {
  if (bytes.length < START + KEY || bytes.toString('latin1', 0, 8) !== MAGIC) return undefined;
  const end = bytes.length - KEY;
  if (!hash('sha256', bytes.subarray(0, end), 'buffer').equals(bytes.subarray(end))) return undefined;
  const first = START + bytes.readUInt32LE(8);
  const count = bytes.readUInt32LE(12);
  const { base } = JSON.parse(bytes.toString('utf8', START, first)) as { base: WorkspaceBase | null };
  const last = first + count * ROW;
  const paths = count === 0 ? [] : bytes.toString('utf8', last, end - 1).split('\0');
  return { base: base ?? undefined, rows: createRows(bytes.subarray(first, last), paths) };
}

export const EMPTY_STATE: WorkspaceState = { base: undefined, rows: NO_ROWS };

/** An empty one when there is none, or none that can be trusted. */
export function readState(path: string): WorkspaceState {
  try {
    return decodeState(readAll(path)) ?? EMPTY_STATE;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(toErrorCode(error) ?? '')) return EMPTY_STATE;
    throw error;
  }
}

/** Into memory of its own, where numbers are read as such: what Node reads a file into may begin anywhere. */
function readAll(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.from(new ArrayBuffer(fstatSync(file).size));
    let filled = 0;
    for (let count = -1; count !== 0 && filled < bytes.length; filled += count)
      count = readSync(file, bytes, filled, bytes.length - filled, null);
    return bytes.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}

/** False when it cannot be written: then the next command reads the files again. */
export function writeState(path: string, state: WorkspaceState): boolean {
  const aside = `${path}.${randomUUID()}`;
  try {
    makeFolder(dirname(path));
    writeFileSync(aside, encodeState(state), { flag: 'wx', mode: 0o600 });
    renameSync(aside, path);
    return true;
  } catch {
    rmSync(aside, { force: true });
    return false;
  }
}

/**
 * How long before it is read a file must have been left alone for its time to tell whether it was changed after: file systems count time in ticks, so that two changes in one
 * tick look like one (git calls such a file racily clean). What is younger is read again next time.
 */
const TRUSTED_AFTER_NS: bigint = 20_000_000n;

/** What may be remembered of a file whose content was read at `readAt` (ns). */
export function toDisk(
  file: Pick<WalkedFile, 'inode' | 'mtimeNs' | 'size' | 'mode'>,
  digest: Digest,
  entryMode: number,
  readAt: bigint,
): DiskFile {
  const isTrusted = file.mtimeNs + TRUSTED_AFTER_NS < readAt;
  return { inode: file.inode, mtimeNs: isTrusted ? file.mtimeNs : 0n, size: file.size, mode: file.mode, digest, entryMode };
}
