/**
 * What is remembered of a folder whose files are versions of a dataset: of each file its identity on the disk and its digest, so that an unchanged file is not read again, and
 * what the version it came from says of it, so that changes are told without asking a server. One file, written aside and renamed; losing it costs one reading of the folder.
 *
 *   "PAWLWRK1", length of the head (uint32), head (JSON), count (uint32), then per row of 120 bytes:
 *   inode, mtime (uint64 each), size (float64), mode, entry mode, base mode, flags (uint16 each), digest (32), base digest (32), base size (float64), 16 zeros
 *   then the paths, each ended by NUL; at the end the SHA-256 of all before. Numbers are little-endian.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Digest } from '@pawl/core';
import { makeFolder } from '../fs/make-folder.ts';
import { toErrorCode } from '../fs/reason.ts';
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

export interface BaseEntry {
  readonly digest: Digest;
  readonly size: number;
  readonly mode: number;
}

export interface WorkspaceRow {
  readonly path: string;
  /** On the disk, when its digest was taken; undefined for a file that was not there. */
  readonly disk:
    | (Pick<WalkedFile, 'inode' | 'mtimeNs' | 'size' | 'mode'> & { readonly digest: Digest; readonly entryMode: number })
    | undefined;
  /** In the base; undefined for a file that it has not. */
  readonly base: BaseEntry | undefined;
}

export interface WorkspaceState {
  readonly base: WorkspaceBase | undefined;
  readonly rows: ReadonlyMap<string, WorkspaceRow>;
}

const MAGIC = 'PAWLWRK1';
const ROW = 120;
const KEY = 32;
const [HAS_DISK, HAS_BASE] = [1, 2];

function encodeState({ base, rows }: WorkspaceState): Buffer {
  const head = Buffer.from(JSON.stringify({ base: base ?? null }));
  const paths = Buffer.from(Array.from(rows.keys(), (path) => `${path}\0`).join(''));
  const start = 8 + 4 + head.length + 4;
  const bytes = Buffer.alloc(start + rows.size * ROW + paths.length + KEY);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(head.length, 8);
  head.copy(bytes, 12);
  bytes.writeUInt32LE(rows.size, start - 4);
  let at = start;
  for (const { disk, base: was } of rows.values()) {
    if (disk !== undefined) {
      bytes.writeBigUInt64LE(disk.inode, at);
      bytes.writeBigUInt64LE(disk.mtimeNs, at + 8);
      bytes.writeDoubleLE(disk.size, at + 16);
      bytes.writeUInt16LE(disk.mode, at + 24);
      bytes.writeUInt16LE(disk.entryMode, at + 26);
      bytes.write(disk.digest.slice(7), at + 32, 'hex');
    }
    if (was !== undefined) {
      bytes.writeUInt16LE(was.mode, at + 28);
      bytes.write(was.digest.slice(7), at + 64, 'hex');
      bytes.writeDoubleLE(was.size, at + 96);
    }
    bytes.writeUInt16LE((disk === undefined ? 0 : HAS_DISK) | (was === undefined ? 0 : HAS_BASE), at + 30);
    at += ROW;
  }
  paths.copy(bytes, at);
  const end = bytes.length - KEY;
  createHash('sha256').update(bytes.subarray(0, end)).digest().copy(bytes, end);
  return bytes;
}

/** Undefined when the bytes are not a whole state. */
function decodeState(bytes: Buffer): WorkspaceState | undefined {
  if (bytes.length < 16 + KEY || bytes.toString('latin1', 0, 8) !== MAGIC) return undefined;
  const end = bytes.length - KEY;
  if (!createHash('sha256').update(bytes.subarray(0, end)).digest().equals(bytes.subarray(end))) return undefined;
  const length = bytes.readUInt32LE(8);
  const { base } = JSON.parse(bytes.toString('utf8', 12, 12 + length)) as { base: WorkspaceBase | null };
  const count = bytes.readUInt32LE(12 + length);
  let at = 16 + length;
  const paths = bytes.toString('utf8', at + count * ROW, end).split('\0');
  const digestAt = (start: number): Digest => `sha256:${bytes.toString('hex', start, start + KEY)}`;
  const rows = new Map<string, WorkspaceRow>();
  for (let index = 0; index < count; index += 1, at += ROW) {
    const flags = bytes.readUInt16LE(at + 30);
    const path = paths[index] ?? '';
    const hasDisk = (flags & HAS_DISK) !== 0;
    const hasBase = (flags & HAS_BASE) !== 0;
    const digest = hasDisk ? digestAt(at + 32) : undefined;
    // Nearly always the same: one text for both saves the making of the other.
    const same = hasDisk && hasBase && bytes.compare(bytes, at + 64, at + 64 + KEY, at + 32, at + 32 + KEY) === 0;
    rows.set(path, {
      path,
      disk:
        digest === undefined
          ? undefined
          : {
              inode: bytes.readBigUInt64LE(at),
              mtimeNs: bytes.readBigUInt64LE(at + 8),
              size: bytes.readDoubleLE(at + 16),
              mode: bytes.readUInt16LE(at + 24),
              entryMode: bytes.readUInt16LE(at + 26),
              digest,
            },
      base: hasBase
        ? {
            digest: same && digest !== undefined ? digest : digestAt(at + 64),
            size: bytes.readDoubleLE(at + 96),
            mode: bytes.readUInt16LE(at + 28),
          }
        : undefined,
    });
  }
  return { base: base ?? undefined, rows };
}

export const EMPTY_STATE: WorkspaceState = { base: undefined, rows: new Map() };

/** An empty one when there is none, or none that can be trusted. */
export function readState(path: string): WorkspaceState {
  try {
    return decodeState(readFileSync(path)) ?? EMPTY_STATE;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(toErrorCode(error) ?? '')) return EMPTY_STATE;
    throw error;
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
): NonNullable<WorkspaceRow['disk']> {
  const isTrusted = file.mtimeNs + TRUSTED_AFTER_NS < readAt;
  return { inode: file.inode, mtimeNs: isTrusted ? file.mtimeNs : 0n, size: file.size, mode: file.mode, digest, entryMode };
}

/** Whether the file is as it was when its digest was taken. */
export function isUnchanged(file: WalkedFile, disk: WorkspaceRow['disk']): boolean {
  return disk !== undefined && disk.mtimeNs === file.mtimeNs && disk.size === file.size && disk.inode === file.inode;
}
