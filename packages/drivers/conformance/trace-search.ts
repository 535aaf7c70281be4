import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault, parseFilter, parseOrder, traceSearch } from '@pawl/core';
import type { Database, TraceSearch } from '@pawl/core';
import { allPages, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';
import { assessment, head, record, span } from './trace.ts';

async function five(database: Database): Promise<void> {
  await record(
    database,
    {
      head: head('tr-1', { startedAt: 1000, duration: 10, clientRequest: 'c1' }),
      tags: { 'mlflow.traceName': 'answer', colour: 'Red%' },
      metadata: { 'mlflow.sourceRun': 'run1', model: 'm' },
      runs: ['run1'],
      prompts: ['greet/1'],
      spans: [
        span('tr-1', 'a', { name: 'root', attributes: new Map([['mlflow.spanType', 'CHAIN']]) }),
        span('tr-1', 'b', {
          parent: 'a',
          name: 'ask model',
          attributes: new Map<string, string | bigint>([
            ['mlflow.spanType', 'LLM'],
            ['model', 'gpt-4'],
            ['a.b "c"', 'odd'],
            ['count', 5n],
          ]),
        }),
      ],
      assessments: [
        assessment('tr-1', 'x', { value: 0.75 }),
        assessment('tr-1', 'y', { name: 'answer', kind: 'expectation', value: 'Paris' }),
      ],
    },
    {
      head: head('tr-2', { startedAt: 2000, duration: null, state: 'in_progress' }),
      tags: { colour: 'red' },
      spans: [
        span('tr-2', 'a', { name: 'root', status: 'error', message: 'boom' }),
        span('tr-2', 'b', { parent: 'a', name: 'look', attributes: new Map([['mlflow.spanType', 'LLM']]) }),
      ],
      assessments: [assessment('tr-2', 'x', { value: true }), assessment('tr-2', 'y', { value: 9, valid: false })],
      runs: ['run2', 'run1'],
    },
    { head: head('tr-3', { startedAt: 3000, state: 'error' }), assessments: [assessment('tr-3', 'x', { value: '5' })] },
    { head: head('tr-4', { startedAt: 4000, state: 'unspecified' }) },
    { head: head('tr-5', { startedAt: 5000, experiment: 2 }) },
  );
}

export function testTraceSearch(open: Open): void {
  test('a search filters by attributes, tags, metadata, spans and assessments', () =>
    withDatabase(open, async (database) => {
      await five(database);
      const find = async (filter: string, more: Partial<TraceSearch> = {}) => {
        const request = { experiments: [1], filter: parseFilter(traceSearch, filter), orders: [], limit: 10, ...more };
        return (await database.read.traces.search(request)).items.map(({ id }) => Number(id.slice(3)));
      };
      assert.deepEqual(await find('', { experiments: [2, 1] }), [5, 4, 3, 2, 1]);
      assert.deepEqual(await find('', { experiments: [] }), []);
      const cases: readonly (readonly [string, readonly number[]])[] = [
        ['', [4, 3, 2, 1]],
        ["request_id = 'tr-3'", [3]],
        ["trace.status = 'ERROR'", [3]],
        ["attributes.status IN ('OK', 'IN_PROGRESS')", [2, 1]],
        ["state != 'STATE_UNSPECIFIED'", [3, 2, 1]],
        ['timestamp_ms > 2000 AND timestamp < 4000', [3]],
        ['execution_time_ms >= 10', [1]],
        ['end_time <= 2000', [2, 1]],
        ["client_request_id LIKE 'c%'", [1]],
        ["name = 'answer'", [1]],
        ["name RLIKE '^ans(wer)?$'", [1]],
        ["run_id = 'run1'", [2, 1]],
        ["metadata.`mlflow.sourceRun` = 'run2'", [2]],
        ["request_metadata.model = 'm'", [1]],
        ['metadata.model IS NULL', [4, 3, 2]],
        ["prompt = 'greet/1'", [1]],
        ["tags.colour LIKE 'red%'", [2]],
        ["tag.colour ILIKE 'RED%'", [2, 1]],
        ["tags.colour RLIKE '[Rr]ed.?'", [2, 1]],
        ['tags.colour IS NOT NULL', [2, 1]],
        ["span.name = 'root'", [2, 1]],
        ["span.type = 'LLM'", [2, 1]],
        ["span.status = 'ERROR'", [2]],
        ["span.name != 'root'", [2, 1]],
        ["span.attributes.model = 'gpt-4'", [1]],
        ["span.attributes.model LIKE 'gpt%'", [1]],
        ["span.attributes.model RLIKE 'gpt-[0-9]$'", [1]],
        ["span.attributes.count = '5'", [1]],
        ['span.attributes.`a.b "c"` = \'odd\'', [1]],
        ["span.attributes.`mlflow.spanType` IN ('LLM', 'TOOL')", [2, 1]],
        // One span must fit all of an AND; the alternatives of an OR are each for themselves.
        ["span.type = 'LLM' AND span.name = 'root'", []],
        ["span.type = 'LLM' AND span.name = 'ask model' AND span.attributes.model = 'gpt-4'", [1]],
        ["span.type = 'LLM' AND NOT span.name = 'ask model'", [2]],
        ["span.name = 'look' OR span.type = 'CHAIN'", [2, 1]],
        ["span.content LIKE '%gpt-4%'", [1]],
        ["trace.text ILIKE '%BOOM%'", [2]],
        ['feedback.quality > 0.5', [1]],
        ['feedback.quality <= 0.75', [1]],
        ["feedback.quality = '0.75'", [1]],
        ["feedback.quality = 'true'", [2]],
        ["feedback.quality != 'true'", [3, 1]],
        // A text of digits is no number.
        ['feedback.quality = 5', []],
        ["feedback.quality = '5'", [3]],
        ['feedback.quality IS NULL', [4]],
        ["expectation.answer = 'Paris'", [1]],
        ["expectation.answer ILIKE 'p%'", [1]],
        ['expectation.answer IS NOT NULL', [1]],
        ["NOT feedback.quality > 0.5 AND run_id = 'run1'", [2]],
      ];
      for (const [filter, expected] of cases) assert.deepEqual(await find(filter), expected, filter);
    }));

  test('orders put what is missing last; pages repeat and lose nothing', () =>
    withDatabase(open, async (database) => {
      const count = 12;
      await record(
        database,
        ...Array.from({ length: count }, (_, at) => ({
          head: head(`tr-${String(at).padStart(2, '0')}`, { startedAt: at % 3, duration: at % 4 === 0 ? null : at }),
          tags: at % 5 === 0 ? {} : { colour: `c${at % 2}` },
          metadata: { timestamp_ms: String(at) },
        })),
      );
      const ids = async (order: readonly string[], limit: number) => {
        const orders = parseOrder(traceSearch, order);
        const found = await allPages(
          (page) => database.read.traces.search({ experiments: [1], filter: undefined, orders, ...page }),
          limit,
        );
        return found.map(({ id }) => Number(id.slice(3)));
      };
      for (const limit of [1, 5, 100]) {
        assert.deepEqual(await ids([], limit), [2, 5, 8, 11, 1, 4, 7, 10, 0, 3, 6, 9]);
        assert.deepEqual(await ids(['timestamp ASC'], limit), [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
        assert.deepEqual((await ids(['execution_time_ms DESC'], limit)).slice(0, 3), [11, 10, 9]);
        assert.deepEqual((await ids(['execution_time_ms DESC'], limit)).slice(-3), [8, 4, 0]);
        assert.deepEqual(await ids(['tags.colour DESC', 'request_id ASC'], limit), [1, 3, 7, 9, 11, 2, 4, 6, 8, 0, 5, 10]);
        // A piece of metadata with the name of an attribute is not that attribute.
        assert.deepEqual((await ids(['metadata.timestamp_ms ASC'], limit)).slice(0, 4), [0, 1, 10, 11]);
      }
      const first = { experiments: [1], filter: undefined, orders: [], limit: 2 };
      const { next } = await database.read.traces.search(first);
      assert.ok(next !== undefined);
      await assert.rejects(database.read.traces.search({ ...first, orders: parseOrder(traceSearch, ['name']), after: next }), (error) =>
        isFault(error, 'invalid_cursor'),
      );
    }));
}
