import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { confirmedOnly, readInbox, splitByTime } from './read-inbox.ts';
import { confirmationDelay, writeInbox, type InboxEntry } from './inbox.ts';

const readConfirmed = (path: string, since: number, until: number): InboxEntry[] => confirmedOnly(readInbox(path, since, until));

const HOUR = 3_600_000;
const START = Date.UTC(2002, 7, 1);

function entry(i: number, delayHours = 24): InboxEntry {
  const id = `mail-${i}`;
  const received_at = START + i * HOUR;
  return {
    mail: { id, received_at, sender_domain: 'a.example', subject: `s${i}`, body: 'line\nwith "quotes" and é' },
    label: { id, spam: i % 3 === 0, confirmed_at: received_at + delayHours * HOUR },
  };
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pawl-inbox-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('what is written is read back, but only what was received and confirmed in time', (t) => {
  const path = folder(t);
  const entries = Array.from({ length: 72 }, (_, i) => entry(i));
  const until = START + 48 * HOUR;
  assert.deepEqual(writeInbox(path, entries.toReversed(), until), { mails: 48, labels: 24, files: 3 });
  assert.deepEqual(readConfirmed(path, 0, Number.MAX_SAFE_INTEGER), entries.slice(0, 24));
  assert.deepEqual(readConfirmed(path, START + 5 * HOUR, START + 30 * HOUR), entries.slice(5, 6));
});

test('a later inbox leaves the bytes of finished days alone', (t) => {
  const path = folder(t);
  const entries = Array.from({ length: 100 }, (_, i) => entry(i));
  writeInbox(path, entries, START + 48 * HOUR);
  const before = readdirSync(join(path, 'mails')).map((name) => [name, readFileSync(join(path, 'mails', name), 'utf8')] as const);
  writeInbox(path, entries, START + 96 * HOUR);
  assert.equal(before.length, 2);
  for (const [name, text] of before) assert.equal(readFileSync(join(path, 'mails', name), 'utf8'), text);
});

test('a confirmation takes 1 to 72 hours, always the same for one mail', () => {
  const hours = Array.from({ length: 2000 }, (_, i) => confirmationDelay(`m${i}`) / HOUR);
  assert.deepEqual([Math.min(...hours), Math.max(...hours)], [1, 72]);
  assert.equal(confirmationDelay('m7'), confirmationDelay('m7'));
});

test('a bad line is named by file and number', (t) => {
  const path = folder(t);
  writeInbox(path, [entry(0), entry(1)], START + 99 * HOUR);
  const file = join(path, 'mails', '2002-08-01.jsonl');
  const [first = ''] = readFileSync(file, 'utf8').split('\n');
  const read = (): unknown => readConfirmed(path, 0, Number.MAX_SAFE_INTEGER);
  const cases: [string, string][] = [
    ['{"id":"x"', `${file}:2: `],
    ['[1]', `${file}:2: a JSON object is needed`],
    [first.replace('"subject"', '"title"'), `${file}:2: 'subject' is missing; a string is needed`],
    [
      first.replace(/"received_at":\d+/, '"received_at":"today"'),
      `${file}:2: 'received_at' is "today"; an integer of epoch milliseconds is needed`,
    ],
  ];
  for (const [line, message] of cases) {
    writeFileSync(file, `${first}\n${line}\n`);
    assert.throws(read, (error: Error) => error.message.startsWith(message) && !error.message.includes('\n'), line);
  }
  rmSync(join(path, 'labels'), { recursive: true });
  assert.throws(read, /cannot list .*labels: ENOENT/);
});

test('the newest share is for evaluation, and too few mails are refused', () => {
  const entries = Array.from({ length: 1000 }, (_, i) => entry(i));
  const { train, evaluation } = splitByTime(entries, 0.3);
  assert.deepEqual([train.length, evaluation.length, evaluation[0]], [700, 300, entries[700]]);
  assert.equal(splitByTime(entries.slice(0, 400), 0.3).evaluation.length, 200);
  assert.throws(() => splitByTime(entries.slice(0, 250), 0.3), /only 250 confirmed mails/);
});
