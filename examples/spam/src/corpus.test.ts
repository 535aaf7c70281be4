import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryTime, loadCorpus } from './corpus.ts';

test('the corpus holds 5,451 dated mails in order of receipt, with the known counts a month', () => {
  const { mails, withoutTime, duplicates } = loadCorpus();
  assert.deepEqual([mails.length, withoutTime, duplicates], [5451, 595, 0]);
  assert.equal(new Set(mails.map(({ id }) => id)).size, mails.length);
  assert.ok(mails.every(({ receivedAt }, i) => i === 0 || receivedAt >= (mails[i - 1]?.receivedAt ?? 0)));
  const count = (month: string): [number, number] => {
    const of = mails.filter(({ receivedAt }) => new Date(receivedAt).toISOString().startsWith(month));
    return [of.filter(({ spam }) => !spam).length, of.filter(({ spam }) => spam).length];
  };
  assert.deepEqual(['2002-06', '2002-07', '2002-08', '2002-09', '2002-10'].map(count), [
    [1, 501],
    [544, 349],
    [1284, 324],
    [1160, 292],
    [733, 6],
  ]);
});

test('the delivery time is that of the first line, read as UTC; a mail without one has none', () => {
  assert.equal(deliveryTime(Buffer.from('From a@b  Thu Aug  1 03:07:22 2002\nDate: x')), Date.UTC(2002, 7, 1, 3, 7, 22));
  assert.equal(deliveryTime(Buffer.from('Return-Path: <a@b>\nFrom a@b  Thu Aug  1 03:07:22 2002\n')), undefined);
  assert.equal(deliveryTime(Buffer.from('From a@b  Thu Foo  1 03:07:22 2002\n')), undefined);
});
