import type { Digest } from '@pawl/core';
import type { WalkedFile } from './walk.ts';

export interface BaseEntry {
  readonly digest: Digest;
  readonly size: number;
  readonly mode: number;
}

/** A file on the disk when its digest was taken. */
export interface DiskFile extends Pick<WalkedFile, 'inode' | 'mtimeNs' | 'size' | 'mode'> {
  readonly digest: Digest;
  /** Of its entry in a version: a file that was linked to the store is read-only here, and not there. */
  readonly entryMode: number;
}

export interface WorkspaceRow {
  readonly path: string;
  /** Undefined for a file that was not there. */
  readonly disk: DiskFile | undefined;
  /** In the base; undefined for a file that it has not. */
  readonly base: BaseEntry | undefined;
}

/**
 * Rows by path, as the bytes that they are on the disk: an object for each of 70,000 files, most of which nobody asks for, would cost more than looking at the files. Per row
 * 120 bytes, little-endian: inode, mtime (uint64 each), size (float64), mode, entry mode, base mode, flags (uint16 each), digest (32), base digest (32), base size (float64),
 * 16 zeros.
 */
export interface WorkspaceRows {
  readonly records: Buffer;
  readonly paths: readonly string[];
  /** Where a path is; -1 when it has no row. Asked for in order it costs one comparison. */
  find(path: string): number;
  at(position: number): WorkspaceRow;
  get(path: string): WorkspaceRow | undefined;
  /** Whether the file is as it was when its digest was taken. */
  isUnchanged(position: number, file: Pick<WalkedFile, 'inode' | 'mtimeNs' | 'size'>): boolean;
  /** The mode of the file on the disk when its digest was taken. */
  modeAt(position: number): number;
  /** Whether the base has the file with the content and mode that it had on the disk. */
  isBase(position: number): boolean;
}

export const ROW = 120;
const KEY = 32;
const WORDS = ROW / 8;
const [HAS_DISK, HAS_BASE, IS_BASE] = [1, 2, 4];
const FLAGS_AT = 30;

/** The records begin at a multiple of 8 of their memory; the paths are in order, none twice. */
export function createRows(records: Buffer, paths: readonly string[]): WorkspaceRows {
  const integers = new BigUint64Array(records.buffer, records.byteOffset, paths.length * WORDS);
  const floats = new Float64Array(records.buffer, records.byteOffset, paths.length * WORDS);
  let byPath: Map<string, number> | undefined;
  let next = 0;

  const find = (path: string): number => {
    if (paths[next] === path) return next++;
    byPath ??= new Map(paths.map((one, position) => [one, position]));
    const found = byPath.get(path) ?? -1;
    if (found >= 0) next = found + 1;
    return found;
  };
  const digestAt = (start: number): Digest => `sha256:${records.toString('hex', start, start + KEY)}`;

  const at = (position: number): WorkspaceRow => {
    const start = position * ROW;
    const flags = records.readUInt16LE(start + FLAGS_AT);
    return {
      path: paths[position] ?? '',
      disk:
        (flags & HAS_DISK) === 0
          ? undefined
          : {
              inode: integers[position * WORDS] ?? 0n,
              mtimeNs: integers[position * WORDS + 1] ?? 0n,
              size: floats[position * WORDS + 2] ?? 0,
              mode: records.readUInt16LE(start + 24),
              entryMode: records.readUInt16LE(start + 26),
              digest: digestAt(start + 32),
            },
      base:
        (flags & HAS_BASE) === 0
          ? undefined
          : {
              digest: digestAt(start + 64),
              size: floats[position * WORDS + 12] ?? 0,
              mode: records.readUInt16LE(start + 28),
            },
    };
  };

  return {
    records,
    paths,
    find,
    at,
    get(path) {
      const position = find(path);
      return position < 0 ? undefined : at(position);
    },
    isUnchanged: (position, { inode, mtimeNs, size }) =>
      integers[position * WORDS + 1] === mtimeNs && integers[position * WORDS] === inode && floats[position * WORDS + 2] === size,
    modeAt: (position) => records.readUInt16LE(position * ROW + 24),
    isBase: (position) => (records.readUInt16LE(position * ROW + FLAGS_AT) & IS_BASE) !== 0,
  };
}

export const NO_ROWS: WorkspaceRows = createRows(Buffer.alloc(0), []);

/** Rows in the making; they come in the order of their paths. */
export interface RowsBuilder {
  add(row: WorkspaceRow): void;
  /** A row as it is. */
  copy(rows: WorkspaceRows, position: number): void;
  end(): WorkspaceRows;
}

export function buildRows(expected: number): RowsBuilder {
  let records = Buffer.from(new ArrayBuffer(Math.max(16, expected) * ROW));
  const paths: string[] = [];

  const claim = (path: string): number => {
    const start = paths.length * ROW;
    if (start + ROW > records.length) {
      const larger = Buffer.from(new ArrayBuffer(records.length * 2));
      records.copy(larger);
      records = larger;
    }
    paths.push(path);
    return start;
  };

  return {
    add({ path, disk, base }) {
      const start = claim(path);
      if (disk !== undefined) {
        records.writeBigUInt64LE(disk.inode, start);
        records.writeBigUInt64LE(disk.mtimeNs, start + 8);
        records.writeDoubleLE(disk.size, start + 16);
        records.writeUInt16LE(disk.mode, start + 24);
        records.writeUInt16LE(disk.entryMode, start + 26);
        records.write(disk.digest.slice(7), start + 32, 'hex');
      }
      if (base !== undefined) {
        records.writeUInt16LE(base.mode, start + 28);
        records.write(base.digest.slice(7), start + 64, 'hex');
        records.writeDoubleLE(base.size, start + 96);
      }
      const isBase = disk !== undefined && disk.digest === base?.digest && disk.entryMode === base.mode;
      const flags = (disk === undefined ? 0 : HAS_DISK) | (base === undefined ? 0 : HAS_BASE) | (isBase ? IS_BASE : 0);
      records.writeUInt16LE(flags, start + FLAGS_AT);
    },
    copy(rows, position) {
      const start = claim(rows.paths[position] ?? '');
      rows.records.copy(records, start, position * ROW, (position + 1) * ROW);
    },
    end: () => createRows(records.subarray(0, paths.length * ROW), paths),
  };
}
