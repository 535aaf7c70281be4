import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault, modelSearch, modelVersionSearch, parseFilter, parseOrder } from '@pawl/core';
import type { Database, Model, ModelVersion, PageRequest, SearchRequest } from '@pawl/core';
import { allPages, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function model(name: string, updatedAt: number, tags: Record<string, string> = {}): Model {
  return { name, description: '', tags, lastVersion: 0, createdAt: 1, createdBy: 'user:ann', updatedAt };
}

function version(of: string, number: number, change: Partial<ModelVersion> = {}): ModelVersion {
  return {
    model: of,
    version: number,
    package: null,
    source: `runs:/r${number}/model`,
    location: null,
    loggedModel: null,
    run: `r${number}`,
    runLink: '',
    task: null,
    inputs: [],
    evaluation: null,
    stage: 'None',
    description: '',
    tags: {},
    createdAt: 100 - number,
    createdBy: 'user:ann',
    updatedAt: 10 + number,
    forced: null,
    key: `key ${number}`,
    revision: 1,
    ...change,
  };
}

async function fill(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.models.create(model('Spam', 5, { team: 'mail', 'é/β': 'x_y' }));
    await tx.models.create(model('spam', 9, { team: 'Mail' }));
    await tx.models.create(model('ham%', 5));
    await tx.models.create(model('greeting', 7, { 'mlflow.prompt.is_prompt': 'true', team: 'mail' }));
    for (const number of [1, 2, 3]) await tx.models.insertVersion(version('spam', number, { tags: number === 2 ? { best: 'yes' } : {} }));
    await tx.models.insertVersion(version('Spam', 2, { run: null, source: null, tags: { best: 'no' } }));
    await tx.models.insertVersion(version('greeting', 1, { tags: { 'mlflow.prompt.is_prompt': 'true' } }));
  });
}

export function testModelSearch(open: Open): void {
  test('models are found by name and tags, prompts only when asked for', () =>
    withDatabase(open, async (database) => {
      await fill(database);
      const find = async (filter: string, ...order: readonly string[]): Promise<readonly string[]> => {
        const request = { filter: parseFilter(modelSearch, filter), orders: parseOrder(modelSearch, order), limit: 10 };
        return (await database.read.models.search(request)).items.map(({ name }) => name);
      };
      assert.deepEqual(await find(''), ['Spam', 'ham%', 'spam']);
      assert.deepEqual(await find("name = 'spam'"), ['spam']);
      assert.deepEqual(await find("name != 'spam'"), ['Spam', 'ham%']);
      assert.deepEqual(await find("name LIKE 's%'"), ['spam']);
      assert.deepEqual(await find("name ILIKE 'S%'"), ['Spam', 'spam']);
      assert.deepEqual(await find("name IN ('spam', 'ham%', 'absent')"), ['ham%', 'spam']);
      assert.deepEqual(await find("tags.team = 'mail'"), ['Spam']);
      assert.deepEqual(await find("tags.team != 'mail'"), ['spam']);
      assert.deepEqual(await find("tags.`é/β` LIKE 'x_y' AND name ILIKE '%spam'"), ['Spam']);
      assert.deepEqual(await find("NOT tags.team ILIKE 'mail' OR name = 'Spam'"), ['Spam', 'ham%']);
      assert.deepEqual(await find('tags.team IS NULL'), ['ham%']);
      assert.deepEqual(await find("tags.`mlflow.prompt.is_prompt` = 'true'"), ['greeting']);
      assert.deepEqual(await find("tags.`mlflow.prompt.is_prompt` != 'true'"), ['Spam', 'ham%', 'spam']);
      assert.deepEqual(await find('', 'timestamp DESC'), ['spam', 'Spam', 'ham%']);
      assert.deepEqual(await find('', 'last_updated_timestamp', 'name DESC'), ['ham%', 'Spam', 'spam']);
    }));

  test('versions are found by model, run, source, number and tags', () =>
    withDatabase(open, async (database) => {
      await fill(database);
      const find = async (filter: string, ...order: readonly string[]): Promise<readonly string[]> => {
        const request = { filter: parseFilter(modelVersionSearch, filter), orders: parseOrder(modelVersionSearch, order), limit: 10 };
        return (await database.read.models.searchVersions(request)).items.map((one) => `${one.model}:${one.version}`);
      };
      assert.deepEqual(await find(''), ['spam:3', 'Spam:2', 'spam:2', 'spam:1']);
      assert.deepEqual(await find("name = 'spam'", 'version_number'), ['spam:1', 'spam:2', 'spam:3']);
      assert.deepEqual(await find('version_number >= 2', 'name', 'version_number DESC'), ['Spam:2', 'spam:3', 'spam:2']);
      assert.deepEqual(await find("run_id = 'r2'"), ['spam:2']);
      assert.deepEqual(await find("run_id != 'r2'"), ['spam:3', 'spam:1']);
      assert.deepEqual(await find("run_id IN ('r1','r3')"), ['spam:3', 'spam:1']);
      assert.deepEqual(await find("source_path LIKE 'runs:/r_/%' AND version_number < 3"), ['spam:2', 'spam:1']);
      assert.deepEqual(await find("tags.best != 'x'"), ['Spam:2', 'spam:2']);
      assert.deepEqual(await find('', 'creation_timestamp'), ['spam:3', 'Spam:2', 'spam:2', 'spam:1']);
      assert.deepEqual(await find("tags.`mlflow.prompt.is_prompt` = 'TRUE' OR tag.`mlflow.prompt.is_prompt` = 'true'"), ['greeting:1']);
      assert.deepEqual(
        (await database.read.models.searchVersions(request({ limit: 2 }))).items[1],
        version('Spam', 2, { run: null, source: null, tags: { best: 'no' } }),
      );
    }));

  test('pages in any order hold every row once, and a token fits its own query only', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.models.create(model('many', 1));
        for (let at = 1; at <= 25; at++)
          await tx.models.insertVersion(version('many', at, { updatedAt: at % 4, createdAt: at % 3, tags: { odd: String(at % 2) } }));
      });
      const { models } = database.read;
      for (const order of [[], ['creation_timestamp DESC'], ['last_updated_timestamp', 'version_number'], ['name DESC']]) {
        const orders = parseOrder(modelVersionSearch, order);
        const all = (await models.searchVersions(request({ orders, limit: 100 }))).items;
        const paged = await allPages((page) => models.searchVersions({ ...request({ orders }), ...page }), 4);
        assert.equal(new Set(paged.map((one) => one.version)).size, 25);
        assert.deepStrictEqual(paged, all);
      }
      const { next } = await models.searchVersions(request({ limit: 3 }));
      const filter = parseFilter(modelVersionSearch, "tags.odd = '1'");
      for (const other of [
        { ...request({ limit: 3 }), ...after(next), ...(filter === undefined ? {} : { filter }) },
        { ...request({}), after: 'x' },
      ]) {
        await assert.rejects(models.searchVersions(other), (error) => isFault(error, 'invalid_cursor'));
      }
    }));
}

function request(change: Partial<SearchRequest>): SearchRequest {
  return { filter: undefined, orders: [], limit: 10, ...change };
}

function after(cursor: string | undefined): Pick<PageRequest, 'after'> {
  return cursor === undefined ? {} : { after: cursor };
}
