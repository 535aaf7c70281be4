import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closingLines, type Counts } from '../../scripts/counts.ts';
import { complaint, stages } from '../../scripts/stages.ts';

const counts: Counts = { tests: 3, suites: 1, passed: 3, failed: 0, cancelled: 0, skipped: 0, todo: 0 };

test('a run of tests passes only when tests ran, all of them, and none failed', () => {
  assert.equal(complaint(counts), undefined);
  assert.match(complaint(undefined) ?? '', /without its counts/);
  assert.match(complaint({ ...counts, tests: 0, passed: 0 }) ?? '', /no test ran/);
  assert.match(complaint({ ...counts, passed: 2, skipped: 1 }) ?? '', /1 tests were skipped/);
  assert.match(complaint({ ...counts, passed: 2, failed: 1 }) ?? '', /1 tests failed/);
  assert.match(complaint({ ...counts, passed: 2, cancelled: 1 }) ?? '', /1 tests failed/);
});

test('the closing lines add up all runs', () => {
  const lines = closingLines([counts, { ...counts, tests: 2, passed: 1, failed: 1 }], 12);
  assert.equal(lines, 'ℹ tests 5\nℹ suites 2\nℹ pass 4\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\nℹ duration_ms 12');
});

test('a filter chooses files and leaves the tools alone', () => {
  const [format, , , , unit, integration] = stages('/scratch', ['house/gates']);
  assert.equal(format?.tests, undefined);
  assert.deepEqual(unit?.tests?.files, []);
  assert.deepEqual(integration?.tests?.files, ['test/house/gates.test.ts']);
  assert.ok((stages('/scratch', [])[5]?.tests?.files.length ?? 0) > 3);
});
