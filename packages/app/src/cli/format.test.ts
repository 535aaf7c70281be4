import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatDuration, formatNumber, formatShare, formatSpan, formatTime, plural, shortDigest } from './format.ts';

test('times lose what nobody reads', () => {
  assert.equal(formatTime('2026-11-24T11:34:55.123Z'), '2026-11-24 11:34:55');
  assert.equal(formatTime(null), '');
});

test('bytes keep two or three digits', () => {
  assert.deepEqual([0, 999, 1000, 1500, 99_960, 999_400, 999_600, 3_400_000, 5e12, 5e15].map(formatBytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '1.5 kB',
    '100 kB',
    '999 kB',
    '1.0 MB',
    '3.4 MB',
    '5.0 TB',
    '5000 TB',
  ]);
});

test('durations name the two largest units', () => {
  assert.deepEqual([0, 350, 4200, 59_960, 60_000, 185_000, 7_500_000, 90_000_000, 604_800_000].map(formatDuration), [
    '0 ms',
    '350 ms',
    '4.2 s',
    '1 min',
    '1 min',
    '3 min 5 s',
    '2 h 5 min',
    '1 d 1 h',
    '7 d',
  ]);
});

test('a span runs until now while it is open, and never backwards', () => {
  const from = '2026-01-01T00:00:00.000Z';
  assert.equal(formatSpan(from, '2026-01-01T00:00:02.000Z', 0), '2.0 s');
  assert.equal(formatSpan(from, null, Date.parse(from) + 500), '500 ms');
  assert.equal(formatSpan(from, null, 0), '0 ms');
  assert.equal(formatSpan(null, null, 0), '');
});

test('numbers keep what tells them apart', () => {
  assert.deepEqual([0, 12, 1234, 0.012345, 12.34567, 0.00001234, 12345678.9, -3.5, Infinity].map(formatNumber), [
    '0',
    '12',
    '1,234',
    '0.01235',
    '12.35',
    '1.23e-5',
    '1.23e+7',
    '-3.5',
    'Infinity',
  ]);
});

test('shares are percents', () => {
  assert.deepEqual([0, 0.1, 0.00123, 0.5, 1, 0.12345].map(formatShare), ['0 %', '10 %', '0.12 %', '50 %', '100 %', '12.3 %']);
});

test('digests shorten only when they are long', () => {
  assert.equal(shortDigest(`sha256:${'a'.repeat(64)}`), `sha256:${'a'.repeat(12)}…`);
  assert.equal(shortDigest('sha256:abc'), 'sha256:abc');
});

test('one is not many', () => {
  assert.deepEqual(
    [plural(1, 'file'), plural(0, 'file'), plural(1200, 'file'), plural(2, 'entry', 'entries')],
    ['1 file', '0 files', '1,200 files', '2 entries'],
  );
});
