/**
 * The index of a pack: which contents are in it, and where. One record of 48 bytes each, sorted by digest, between a head of 48 bytes and the SHA-256 of all before.
 *
 *   head    "PAWLIDX1", kind (1 byte), 3 zeros, count (uint32), digest of the whole (32 bytes; zeros unless kind is 1)
 *   record  digest (32), offset (uint64), length (uint32), 4 zeros
 *
 * Kind 0: the bytes are in the `.pack` beside it. Kind 1: they are parts of one large content that is stored whole. Numbers are big-endian.
 */
import { createHash } from 'node:crypto';
import type { Digest } from '@pawl/core';
import { fromKey, toKey } from './address.ts';

const MAGIC = 'PAWLIDX1';
const HEAD = 48;
const RECORD = 48;
const KEY = 32;

export interface PackedPart {
  readonly key: Buffer;
  readonly offset: number;
  readonly length: number;
}

export interface PackIndex {
  readonly count: number;
  /** The content whose parts these are; undefined when they have a pack of their own. */
  readonly whole: Digest | undefined;
  find(key: Buffer): PackedPart | undefined;
  at(position: number): PackedPart;
}

export function encodePackIndex(parts: readonly PackedPart[], whole?: Digest): Buffer {
  const sorted = parts.toSorted((a, b) => Buffer.compare(a.key, b.key));
  const bytes = Buffer.alloc(HEAD + RECORD * sorted.length + KEY);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt8(whole === undefined ? 0 : 1, 8);
  bytes.writeUInt32BE(sorted.length, 12);
  if (whole !== undefined) toKey(whole).copy(bytes, 16);
  for (const [index, { key, offset, length }] of sorted.entries()) {
    const at = HEAD + RECORD * index;
    key.copy(bytes, at);
    bytes.writeBigUInt64BE(BigInt(offset), at + KEY);
    bytes.writeUInt32BE(length, at + KEY + 8);
  }
  const end = bytes.length - KEY;
  createHash('sha256').update(bytes.subarray(0, end)).digest().copy(bytes, end);
  return bytes;
}

/** Undefined when the bytes are not a whole index. */
export function decodePackIndex(bytes: Buffer): PackIndex | undefined {
  if (bytes.length < HEAD + KEY || bytes.toString('latin1', 0, 8) !== MAGIC) return undefined;
  const count = bytes.readUInt32BE(12);
  const end = HEAD + RECORD * count;
  if (bytes.length !== end + KEY) return undefined;
  if (!createHash('sha256').update(bytes.subarray(0, end)).digest().equals(bytes.subarray(end))) return undefined;

  const at = (position: number): PackedPart => {
    const start = HEAD + RECORD * position;
    return {
      key: bytes.subarray(start, start + KEY),
      offset: Number(bytes.readBigUInt64BE(start + KEY)),
      length: bytes.readUInt32BE(start + KEY + 8),
    };
  };

  /** Digests are spread evenly, so a guess by value is near: two or three steps where halving takes seventeen. */
  const find = (key: Buffer): PackedPart | undefined => {
    const wanted = key.readUIntBE(0, 6);
    let [low, high] = [0, count - 1];
    let [least, most] = [0, 2 ** 48];
    while (low <= high) {
      const guess = low + Math.floor(((wanted - least) / (most - least)) * (high - low + 1));
      const middle = Math.min(high, Math.max(low, guess));
      const start = HEAD + RECORD * middle;
      const order = bytes.compare(key, 0, KEY, start, start + KEY);
      if (order === 0) return at(middle);
      const value = bytes.readUIntBE(start, 6);
      if (order < 0) [low, least] = [middle + 1, value];
      else [high, most] = [middle - 1, value + 1];
      // Equal beginnings, which no honest content has.
      if (most <= least) most = least + 1;
    }
    return undefined;
  };

  return { count, whole: bytes.readUInt8(8) === 1 ? fromKey(Buffer.from(bytes.subarray(16, HEAD))) : undefined, find, at };
}
