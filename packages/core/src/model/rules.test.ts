import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '../fault/fault.ts';
import { checkModelAlias, checkModelName, checkModelTag, isPrompt, toModelStage } from './rules.ts';

function refused(act: () => void, message: RegExp): void {
  assert.throws(act, (error) => (isFault(error, 'model_refused') || isFault(error, 'record_invalid')) && message.test(error.message));
}

test('a model may be called anything that is one name as a path and in a URI', () => {
  for (const name of ['spam', 'é β', "it's", 'a.b-c_d', '%2e', '..a', 'x'.repeat(256)]) checkModelName(name);
  for (const name of ['a/b', 'a:1', '/', 'models:/x']) refused(() => checkModelName(name), /Names cannot contain '\/' or ':'/);
  for (const name of ['.', '..']) refused(() => checkModelName(name), /treated as files/);
  for (const name of ['', '  ']) refused(() => checkModelName(name), /Missing value for required parameter 'name'/);
  refused(() => checkModelName('', 'new_name'), /'new_name'/);
  refused(() => checkModelName('x'.repeat(257)), /maximum length of 256/);
});

test('the key of a tag is a path of letters, digits and a few signs; values are long, not endless', () => {
  for (const key of ['a', 'é/β', 'mlflow.prompt.is_prompt', 'a b:c-d_e', 'x'.repeat(250)]) checkModelTag(key, '');
  for (const key of ['a"b', 'a\nb', 'a%b']) refused(() => checkModelTag(key, ''), /may only contain alphanumerics/);
  for (const key of ['/a', 'a/', 'a//b', '../a', 'a/./b']) refused(() => checkModelTag(key, ''), /must not resolve to other names/);
  refused(() => checkModelTag('x'.repeat(251), ''), /'key' exceeds the maximum length of 250/);
  checkModelTag('a', 'x'.repeat(100_000));
  refused(() => checkModelTag('a', 'x'.repeat(100_001)), /'value' exceeds the maximum length of 100000/);
});

test('an alias is a word, and not one that means a version', () => {
  for (const alias of ['champion', 'v', 'v1a', 'é', 'a-b_c', '1']) checkModelAlias(alias);
  for (const alias of ['v1', 'V20']) refused(() => checkModelAlias(alias), new RegExp(`Version alias name '${alias}' is reserved`));
  for (const alias of ['latest', 'LATEST'])
    refused(() => checkModelAlias(alias), /^'latest' alias name \(case insensitive\) is reserved\.$/);
  for (const alias of ['a b', 'a/b', 'a.b', '@']) refused(() => checkModelAlias(alias), /Invalid alias name/);
  refused(() => checkModelAlias(''), /cannot be empty/);
  refused(() => checkModelAlias('x'.repeat(256)), /maximum length of 255/);
});

test('stages are read in any case; prompts are marked by a tag that says true', () => {
  assert.equal(toModelStage('PRODUCTION'), 'Production');
  assert.equal(toModelStage('none'), 'None');
  refused(() => toModelStage('prod'), /^Invalid Model Version stage: prod\. Value must be one of None, Staging, Production, Archived\.$/);
  assert.equal(isPrompt({ 'mlflow.prompt.is_prompt': 'True' }), true);
  assert.equal(isPrompt({ 'mlflow.prompt.is_prompt': 'false' }), false);
  assert.equal(isPrompt({}), false);
});
