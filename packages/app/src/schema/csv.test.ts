import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCsvLine } from './csv.ts';

test('fields are quoted where they must be', () => {
  assert.equal(toCsvLine(['a', 1.5, null, '', 'NaN']), 'a,1.5,,"",NaN\n');
  assert.equal(toCsvLine(['say "hi", twice', 'two\nlines', ' x']), '"say ""hi"", twice","two\nlines"," x"\n');
});
