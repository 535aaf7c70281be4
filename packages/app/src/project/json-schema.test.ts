import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { toSchemaTest } from '@pawl/core';
import type { JsonObject } from '@pawl/core';
import { parse } from 'yaml';
import { toProjectJsonSchema } from './json-schema.ts';

test("the schema of checks takes the guide's examples, and only what is a suite", () => {
  const fits = toSchemaTest(toProjectJsonSchema('checks') as JsonObject);
  const guide = readFileSync(new URL('../../../../docs/guide/checks.md', import.meta.url), 'utf8');
  const examples = Array.from(guide.matchAll(/^```yaml[^\n]*\n(.*?)^```/gms), ([, text = '']) => parse(text) as JsonObject);
  assert.ok(examples.length >= 2);
  for (const example of examples) {
    assert.equal(fits(example), true, JSON.stringify(example));
    assert.equal(fits({ ...example, expectations: [{ type: 'expect_nothing' }] }), false);
    assert.equal(fits({ ...example, automatic: true }), true);
    assert.equal(fits({ ...example, automatically: true }), false);
  }
});
