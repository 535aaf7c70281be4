import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Blobs, Digest, NamedBytes, SweptBlob } from '@pawl/core';

export interface OpenBlobs {
  readonly blobs: Blobs;
  /** Replaces what is stored under the digest, behind the driver's back. */
  readonly damage: (digest: Digest, bytes: Uint8Array) => Promise<void>;
  /** Makes it look as if nobody had put it, or asked for it, for so long. */
  readonly age: (digest: Digest, idleMs: number) => Promise<void>;
  /** How many contents are stored, and how many unfinished pieces lie about. */
  readonly count: () => Promise<{ readonly stored: number; readonly unfinished: number }>;
  /** Bytes that all of it takes. */
  readonly size: () => Promise<number>;
  readonly close: () => Promise<void>;
}

const absent: Digest = `sha256:${'0'.repeat(64)}`;

/** What every driver of the Blobs port must do. */
export function testBlobs(name: string, open: () => Promise<OpenBlobs>): void {
  async function withBlobs(work: (opened: OpenBlobs, folder: string) => Promise<void>): Promise<void> {
    const opened = await open();
    const folder = await mkdtemp(join(tmpdir(), 'pawl-blobs-'));
    try {
      await work(opened, folder);
    } finally {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    }
  }

  describe(`blobs: ${name}`, () => {
    test('gives back what was put, whichever way it came and leaves', () =>
      withBlobs(async ({ blobs }, folder) => {
        for (const bytes of [new Uint8Array(0), Buffer.from('one\n'), randomBytes(1_500_000)]) {
          const digest = sha256(bytes);
          const file = join(folder, 'source');
          await writeFile(file, bytes);
          assert.deepEqual(await blobs.put(bytes), { digest, size: bytes.length });
          assert.deepEqual(await blobs.putFiles([{ path: file }]), [{ digest, size: bytes.length }]);
          assert.deepEqual(await blobs.putStream(pieces(bytes, 60_000), digest), { digest, size: bytes.length });
          assert.equal(await blobs.has(digest), true);
          assert.equal(sha256(await blobs.read(digest)), digest);
          assert.equal(sha256(await collect(blobs.stream(digest))), digest);
          assert.equal(sha256(await readFile(await blobs.localPath(digest))), digest);
        }
      }));

    test('gives any part of the content', () =>
      withBlobs(async ({ blobs }) => {
        const bytes = randomBytes(600_000);
        const { digest } = await blobs.put(bytes);
        for (const [start, end] of [
          [0, 1],
          [599_999, 600_000],
          [100, 500_100],
          [0, 600_000],
          [7, 7],
        ] as const) {
          assert.deepEqual(sha256(await collect(blobs.streamRange(digest, { start, end }))), sha256(bytes.subarray(start, end)));
        }
        await assert.rejects(collect(blobs.streamRange(absent, { start: 0, end: 1 })), (error) => isFault(error, 'blob_not_found'));
      }));

    test('stores the same content once, also when many put it at the same moment', () =>
      withBlobs(async ({ blobs, count }) => {
        const bytes = randomBytes(300_000);
        const stored = await Promise.all(
          Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? blobs.put(bytes) : blobs.putStream(pieces(bytes, 10_000)))),
        );
        assert.equal(new Set(stored.map((blob) => blob.digest)).size, 1);
        assert.deepEqual(await count(), { stored: 1, unfinished: 0 });
        assert.equal(sha256(await blobs.read(sha256(bytes))), sha256(bytes));
      }));

    test('sweeps what nobody has put or asked for in a while', () =>
      withBlobs(async ({ blobs, age, count }) => {
        const [old, asked, again] = await Promise.all([blobs.put(randomBytes(9)), blobs.put(randomBytes(8)), blobs.put(randomBytes(7))]);
        for (const { digest } of [old, asked, again]) await age(digest, 3_600_000);
        assert.equal(await blobs.has(asked.digest), true);
        await blobs.put(await blobs.read(again.digest));
        const sweep = (idleMs: number, keep: readonly Digest[] = []) =>
          outcomes(blobs.sweep({ keep: (digest) => keep.includes(digest), idleMs: () => idleMs, dryRun: false }));
        assert.deepEqual(await sweep(7_200_000), { waiting: 3 });
        assert.deepEqual(await sweep(60_000, [old.digest]), { kept: 1, waiting: 2 });
        assert.deepEqual(await sweep(60_000), { removed: 1, waiting: 2 });
        assert.equal(await blobs.has(old.digest), false);
        assert.deepEqual(await count(), { stored: 2, unfinished: 0 });
      }));

    test('refuses other content than expected and stores nothing', () =>
      withBlobs(async ({ blobs, count }) => {
        const bytes = Buffer.from('not what was said');
        await assert.rejects(
          blobs.putStream(pieces(bytes, 4), absent),
          (error) => isFault(error, 'digest_mismatch') && error.details['found'] === sha256(bytes),
        );
        assert.equal(await blobs.has(sha256(bytes)), false);
        assert.deepEqual(await count(), { stored: 0, unfinished: 0 });
      }));

    test('leaves nothing of a stream that breaks off, and says why as its source did', () =>
      withBlobs(async ({ blobs, count }) => {
        await assert.rejects(blobs.putStream(broken()), /the line went dead/);
        assert.deepEqual(await count(), { stored: 0, unfinished: 0 });
      }));

    test('says what it does not have, and takes no digest for a path', () =>
      withBlobs(async ({ blobs }, folder) => {
        for (const digest of [absent, 'sha256:../../../../etc/passwd' as Digest, `sha256:${'A'.repeat(64)}` as Digest]) {
          const missing = (error: unknown): boolean => isFault(error, 'blob_not_found');
          assert.equal(await blobs.has(digest), false);
          await assert.rejects(blobs.read(digest), missing);
          await assert.rejects(collect(blobs.stream(digest)), missing);
          await assert.rejects(blobs.localPath(digest), missing);
          await assert.rejects(blobs.materialize(digest, join(folder, 'x'), 0o644), missing);
        }
        await assert.rejects(blobs.putFiles([{ path: join(folder, 'nowhere') }]), (error) => isFault(error, 'file_unreadable'));
      }));

    test('serves no damaged content, and putting it again mends it', () =>
      withBlobs(async ({ blobs, damage }, folder) => {
        const bytes = randomBytes(200_000);
        const { digest } = await blobs.put(bytes);
        for (const bad of [bytes.subarray(0, 1000), Buffer.concat([bytes, Buffer.from('x')]), new Uint8Array(0)]) {
          await damage(digest, bad);
          const corrupt = (error: unknown): boolean => isFault(error, 'blob_corrupt');
          await assert.rejects(blobs.read(digest), corrupt);
          await assert.rejects(collect(blobs.stream(digest)), corrupt);
          await assert.rejects(blobs.materialize(digest, join(folder, 'out'), 0o644), corrupt);
          await assert.rejects(stat(join(folder, 'out')), { code: 'ENOENT' });
        }
        await blobs.put(bytes);
        assert.equal(sha256(await blobs.read(digest)), digest);
        await damage(digest, Buffer.from('again'));
        await blobs.putStream(pieces(bytes, 70_000));
        assert.equal(sha256(await blobs.read(digest)), digest);
      }));

    test('materializes a copy of its own with the mode asked for, making folders, replacing a file', () =>
      withBlobs(async ({ blobs }, folder) => {
        const { digest } = await blobs.put(Buffer.from('#!/bin/sh\n'));
        const path = join(folder, 'deep', 'er', 'run.sh');
        await blobs.materialize(digest, path, 0o755);
        assert.equal((await stat(path)).mode & 0o777, 0o755);
        await writeFile(path, 'changed');
        assert.equal(Buffer.from(await blobs.read(digest)).toString(), '#!/bin/sh\n');
        await blobs.materialize(digest, path, 0o444);
        assert.equal(await readFile(path, 'utf8'), '#!/bin/sh\n');
        assert.equal((await stat(path)).mode & 0o777, 0o444);
        await chmod(path, 0o644);
        await writeFile(join(folder, 'file'), '');
        await assert.rejects(blobs.materialize(digest, join(folder, 'file', 'below'), 0o644), (error) => isFault(error, 'not_writable'));
      }));

    test('stores many small contents together and gives each back, in whichever way', () =>
      withBlobs(async ({ blobs }, folder) => {
        const contents = Array.from({ length: 500 }, (_, index) => Buffer.from(`content ${index}`.repeat(index)));
        const first = await blobs.putMany(named(contents));
        assert.equal(first.stored, contents.length);
        const again = await blobs.putMany(named([...contents.slice(0, 100), Buffer.from('one more')]));
        assert.deepEqual(again, { stored: 1, bytes: 8 });
        const digests = contents.map(sha256);
        assert.deepEqual(await blobs.missing([...digests, absent, absent]), [absent]);
        const found = new Map<Digest, Uint8Array>();
        for await (const { digest, bytes } of blobs.readMany([...digests, ...digests])) {
          assert.ok(!found.has(digest), 'each comes once');
          found.set(digest, Buffer.from(bytes));
        }
        for (const bytes of contents) assert.ok(Buffer.compare(found.get(sha256(bytes)) ?? Buffer.from('none'), bytes) === 0);
        for (const bytes of [contents[0], contents[7], contents[499]]) {
          const digest = sha256(bytes ?? Buffer.alloc(0));
          assert.equal(await blobs.has(digest), true);
          assert.equal(sha256(await blobs.read(digest)), digest);
          assert.equal(sha256(await collect(blobs.stream(digest))), digest);
          assert.equal(sha256(await readFile(await blobs.localPath(digest))), digest);
          await blobs.materialize(digest, join(folder, 'out'), 0o644);
          assert.equal(sha256(await readFile(join(folder, 'out'))), digest);
        }
        assert.equal(Buffer.from(await collect(blobs.streamRange(digests[7] ?? absent, { start: 3, end: 9 }))).toString(), 'tent 7');
        await assert.rejects(collectMany(blobs.readMany([absent])), (error) => isFault(error, 'blob_not_found'));
      }));

    test('stores files: small ones together, and of a large one that grew what is new', () =>
      withBlobs(async ({ blobs, count, size }, folder) => {
        const small = Array.from({ length: 50 }, (_, index) => ({ path: join(folder, `small-${index}`) }));
        for (const [index, { path }] of small.entries()) await writeFile(path, `file ${index % 40}`);
        const large = { path: join(folder, 'large') };
        const bytes = randomBytes(6_000_000);
        await writeFile(large.path, bytes);
        const first = await blobs.putFiles([...small, large]);
        assert.deepEqual(first.at(-1), { digest: sha256(bytes), size: bytes.length });
        assert.equal((await count()).stored, 1);
        const before = await size();
        const more = Buffer.concat([bytes, randomBytes(10_000)]);
        await writeFile(large.path, more);
        const [second] = await blobs.putFiles([{ ...large, before: sha256(bytes) }]);
        assert.deepEqual(second, { digest: sha256(more), size: more.length });
        assert.ok((await size()) - before < 600_000, 'the whole file was stored again');
        for (const [digest, expected] of [
          [first[3]?.digest, Buffer.from('file 3')],
          [sha256(bytes), bytes],
          [sha256(more), more],
        ] as const)
          assert.deepEqual(Buffer.from(await blobs.read(digest ?? absent)), expected);
        await assert.rejects(blobs.putFiles([small[0] ?? large, { path: join(folder, 'nowhere') }]), (error) =>
          isFault(error, 'file_unreadable'),
        );
        assert.equal((await count()).unfinished, 0);
      }));

    test('takes none of many when one of them is not what it is said to be', () =>
      withBlobs(async ({ blobs }) => {
        const good = Array.from({ length: 20 }, (_, index) => Buffer.from(`content ${index}`));
        const bad = (async function* () {
          yield* named(good);
          yield { digest: absent, bytes: Buffer.from('something else') };
        })();
        await assert.rejects(blobs.putMany(bad), (error) => isFault(error, 'digest_mismatch'));
        assert.equal((await blobs.missing(good.map(sha256))).length, good.length);
      }));

    test('keeps a content by its pieces: what two have in common is stored once', () =>
      withBlobs(async ({ blobs, size }, folder) => {
        const one = randomBytes(3_000_000);
        const two = Buffer.concat([one.subarray(0, 1_000_000), randomBytes(1000), one.subarray(1_000_000)]);
        const whole = await blobs.put(one);
        const before = await size();
        const cut = await blobs.pieces(whole.digest);
        assert.equal(
          cut.reduce((sum, piece) => sum + piece.size, 0),
          one.length,
        );
        assert.deepEqual(await blobs.pieces(whole.digest), cut);
        for (const piece of cut.slice(0, 3)) assert.equal(sha256(await blobs.read(piece.digest)), piece.digest);
        assert.ok((await size()) - before < 20_000, 'cutting stores nothing again');
        assert.deepEqual(await blobs.putShared(two), { digest: sha256(two), size: two.length });
        assert.ok((await size()) - before < 1_200_000, 'only the pieces around the change are new');
        assert.equal(sha256(await blobs.read(sha256(two))), sha256(two));
        assert.equal(sha256(await readFile(await blobs.localPath(sha256(two)))), sha256(two));
        await blobs.materialize(sha256(two), join(folder, 'two'), 0o644);
        assert.equal(sha256(await readFile(join(folder, 'two'))), sha256(two));
        for (const [start, end] of [
          [0, 1],
          [999_000, 1_002_000],
          [2_999_999, 3_001_000],
          [500_000, 500_000],
        ] as const)
          assert.equal(sha256(await collect(blobs.streamRange(sha256(two), { start, end }))), sha256(two.subarray(start, end)));
        const pieces = await blobs.pieces(sha256(two));
        await assert.rejects(blobs.putPieces(absent, pieces), (error) => isFault(error, 'digest_mismatch'));
        await assert.rejects(blobs.putPieces(absent, [{ digest: absent, size: 3 }]), (error) => isFault(error, 'blob_not_found'));
      }));

    test('sweeps what nobody wants once its grace is over, and nothing else', () =>
      withBlobs(async ({ blobs }) => {
        const small = Array.from({ length: 40 }, (_, index) => Buffer.from(`small ${index}`));
        const shared = randomBytes(2_000_000);
        const [kept, gone] = [randomBytes(90_000), randomBytes(90_000)];
        await blobs.putMany(named(small));
        await blobs.putShared(shared);
        for (const bytes of [kept, gone]) await blobs.put(bytes);
        const wanted = new Set([...small.slice(0, 5), shared, kept].map(sha256));
        const keep = (digest: Digest): boolean => wanted.has(digest);
        const sweep = (idleMs: number, dryRun: boolean) => outcomes(blobs.sweep({ keep, idleMs: () => idleMs, dryRun }));
        assert.equal((await sweep(60_000, false)).removed, undefined);
        await new Promise((resolve) => setTimeout(resolve, 60));
        assert.equal((await sweep(10, true)).removed, 36);
        assert.equal(await blobs.has(sha256(gone)), true);
        assert.equal((await sweep(10, false)).removed, 36);
        for (const digest of wanted) assert.equal(sha256(await blobs.read(digest)), digest);
        assert.equal((await blobs.missing([...small, gone].map(sha256))).length, 36);
        wanted.clear();
        await new Promise((resolve) => setTimeout(resolve, 60));
        await sweep(10, false);
        assert.equal(await blobs.has(sha256(shared)), false);
        assert.equal((await blobs.missing(small.map(sha256))).length, 40);
      }));
  });
}

async function* named(contents: readonly Uint8Array[]): AsyncGenerator<NamedBytes> {
  for (const bytes of contents) yield { digest: sha256(bytes), bytes };
}

async function collectMany(source: AsyncIterable<NamedBytes>): Promise<void> {
  for await (const one of source) void one;
}

function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('the first half');
  throw new Error('the line went dead');
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function outcomes(swept: AsyncIterable<SweptBlob>): Promise<Partial<Record<SweptBlob['outcome'], number>>> {
  const counts: Partial<Record<SweptBlob['outcome'], number>> = {};
  for await (const { outcome } of swept) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
