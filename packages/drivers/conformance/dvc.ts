import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, DvcObject } from '@pawl/core';
import { allPages, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const md5 = (n: number): string => n.toString(16).padStart(32, '0');
const digest = (n: number): Digest => `sha256:${n.toString(16).padStart(64, '0')}`;
const object = (dataset: string, n: number, legacy = false): DvcObject => ({
  dataset,
  name: n % 5 === 0 ? `${md5(n)}.dir` : md5(n),
  legacy,
  digest: digest(n),
  size: n,
  createdAt: 1000 + n,
});

export function testDvcStore(open: Open): void {
  test('objects are found by name, each dataset and each kind of name by itself', () =>
    withDatabase(open, async ({ read, transaction }) => {
      const objects = [object('a', 1), object('a', 2), object('a', 5), object('a', 2, true), object('b', 2)];
      await transaction((tx) => tx.dvc.insert(objects));
      const found = await read.dvc.find('a', [md5(1), `${md5(5)}.dir`, md5(5), md5(7)], false);
      assert.deepEqual(
        found.toSorted((x, y) => x.size - y.size),
        [objects[0], objects[2]],
      );
      assert.deepEqual(await read.dvc.find('a', [md5(2)], true), [objects[3]]);
      assert.deepEqual(await read.dvc.find('c', [md5(2)], false), []);
      assert.deepEqual(await read.dvc.find('a', [], false), []);
    }));

  test('what is known stays as it is', () =>
    withDatabase(open, async ({ read, transaction }) => {
      await transaction((tx) => tx.dvc.insert([object('a', 1)]));
      await transaction((tx) => tx.dvc.insert([{ ...object('a', 1), digest: digest(9), size: 9 }, object('a', 2)]));
      assert.deepEqual((await read.dvc.find('a', [md5(1), md5(2)], false)).map((one) => one.digest).toSorted(), [digest(1), digest(2)]);
    }));

  test('thousands go in and are found at once, and all are listed in pages', () =>
    withDatabase(open, async ({ read, transaction }) => {
      const objects = Array.from({ length: 2500 }, (_, n) => object('a', n + 1, n % 3 === 0));
      await transaction((tx) => tx.dvc.insert(objects));
      const plain = objects.filter((one) => !one.legacy);
      const found = await read.dvc.find(
        'a',
        plain.map((one) => one.name),
        false,
      );
      assert.equal(found.length, plain.length);
      const listed = await allPages((page) => read.dvc.list(page), 400);
      assert.deepEqual(
        new Set(listed.map((one) => `${one.legacy} ${one.name}`)),
        new Set(objects.map((one) => `${one.legacy} ${one.name}`)),
      );
      assert.equal(listed.length, objects.length);
    }));
}
