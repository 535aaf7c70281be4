import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter } from '../search/filter.ts';
import { modelSearch, withoutPromptClauses } from './search.ts';

const rest = (text: string): unknown => withoutPromptClauses(parseFilter(modelSearch, text));
const HIDE = "tag.`mlflow.prompt.is_prompt` != 'true'";

test('a clause that only hides prompts is taken out of a conjunction', () => {
  assert.deepEqual(rest(`name LIKE 'a%' AND tags.t = 'x' AND ${HIDE}`), {
    kind: 'and',
    parts: [parseFilter(modelSearch, "name LIKE 'a%'"), parseFilter(modelSearch, "tags.t = 'x'")],
  });
  assert.equal(rest(HIDE), undefined);
  assert.equal(rest("tag.`mlflow.prompt.is_prompt` = 'false'"), undefined);
});

test('every other clause stays', () => {
  for (const text of ["tag.`mlflow.prompt.is_prompt` = 'true'", "tags.t != 'true'", `name = 'a' OR ${HIDE}`])
    assert.deepEqual(rest(text), parseFilter(modelSearch, text));
});
