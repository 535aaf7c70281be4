import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Assessment, Database, Span, SpanValue, TraceHead, TraceRecord } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

export function head(id: string, more: Partial<TraceHead> = {}): TraceHead {
  return {
    id,
    experiment: 1,
    startedAt: 1000,
    duration: 5,
    state: 'ok',
    request: null,
    response: null,
    clientRequest: null,
    told: false,
    spans: 0,
    ...more,
  };
}

export function span(trace: string, id: string, more: Partial<Span> = {}): Span {
  return {
    trace,
    id,
    parent: null,
    name: 'work',
    status: 'ok',
    message: '',
    startedAt: 1_764_000_000_123_456_789n,
    endedAt: 1_764_000_000_999_999_999n,
    attributes: new Map(),
    events: [],
    links: [],
    ...more,
  };
}

export function assessment(trace: string, id: string, more: Partial<Assessment> = {}): Assessment {
  return {
    id,
    trace,
    span: null,
    name: 'quality',
    kind: 'feedback',
    value: 0.5,
    error: null,
    source: { type: 'HUMAN', id: 'ann' },
    rationale: null,
    metadata: {},
    createdAt: 1,
    updatedAt: 1,
    overrides: null,
    valid: true,
    ...more,
  };
}

export const record = (database: Database, ...records: readonly TraceRecord[]): Promise<void> =>
  database.transaction((tx) => tx.traces.record(records));

const values = new Map<string, SpanValue>([
  ['integer', 9_223_372_036_854_775_807n],
  ['small', -1n],
  ['double', 1],
  ['fraction', 0.1],
  ['huge', 1e300],
  ['zero', -0],
  ['nan', Number.NaN],
  ['infinite', -Infinity],
  ['yes', true],
  ['nothing', null],
  ['bytes', { base64: 'AAEC' }],
  ['list', [1n, 1, 'one', [], new Map([['__proto__', 'p']])]],
  ['map', new Map<string, SpanValue>([['a.b', new Map([['$bytes', 'no bytes']])]])],
  ['', 'empty key'],
  ['$map', 'no map'],
  ...oddTexts.map((text): [string, SpanValue] => [`text ${text}`, text]),
]);

export function testTraceStore(open: Open): void {
  test('a trace comes back as it was recorded, with spans exact to the last digit', () =>
    withDatabase(open, async (database) => {
      const texts = Object.fromEntries([...oddTexts.map((text, at) => [`k${at}`, text]), ['__proto__', 'p']]);
      const first = span('tr-1', 'a', {
        attributes: values,
        message: 'it said "no"',
        events: [{ name: 'exception', time: 1_764_000_000_500_000_001n, attributes: values }],
        links: [{ trace: 'tr-0', span: 'b', attributes: new Map([['why', 'because']]) }],
      });
      const open_ = span('tr-1', 'b', { parent: 'a', status: 'unset', endedAt: null });
      const judged = assessment('tr-1', 'x', {
        value: { a: [1, 'two', null] },
        error: { code: 'E', message: 'm', stackTrace: '' },
        rationale: 'r',
        metadata: texts,
        span: 'a',
        overrides: 'w',
        valid: false,
      });
      const told = head('tr-1', { request: '{"a":1}', response: 'b', clientRequest: 'c', told: true });
      await record(database, {
        head: told,
        tags: texts,
        metadata: texts,
        spans: [open_, first],
        assessments: [judged],
        runs: ['r'],
        prompts: ['p/1'],
      });
      assert.deepStrictEqual(await database.read.traces.many(['none', 'tr-1', 'tr-1']), [
        { ...told, spans: 2, tags: texts, metadata: texts, assessments: [judged] },
      ]);
      assert.deepStrictEqual(await database.read.traces.heads(['tr-1', 'none']), [{ ...told, spans: 2 }]);
      assert.deepStrictEqual([...(await database.read.traces.spans(['tr-1', 'none']))], [['tr-1', [first, open_]]]);
      assert.deepStrictEqual(await database.read.traces.many([]), []);
      assert.equal((await database.read.traces.spans([])).size, 0);
    }));

  test('what is sent again counts once, and what is set unless it was stays', () =>
    withDatabase(open, async (database) => {
      const one = span('tr-1', 'a', { name: 'first' });
      await record(database, { head: head('tr-1'), spans: [one, one], tags: { a: '1' }, metadata: { m: '1' }, runs: ['r', 'r'] });
      const again = span('tr-1', 'a', { name: 'second' });
      await record(
        database,
        {
          head: head('tr-1', { spans: 1, state: 'error' }),
          spans: [again, span('tr-1', 'b')],
          tags: { a: '2' },
          tagsUnlessSet: { a: '3', b: '3' },
          metadata: { n: '2' },
          metadataUnlessSet: { m: '3', n: '3', o: '3' },
          runs: ['r'],
        },
        { head: head('tr-2') },
      );
      const [trace] = await database.read.traces.many(['tr-1']);
      assert.ok(trace !== undefined);
      assert.deepStrictEqual(trace.tags, { a: '2', b: '3' });
      assert.deepStrictEqual(trace.metadata, { m: '1', n: '2', o: '3' });
      assert.deepStrictEqual([trace.spans, trace.state], [2, 'error']);
      const spans = (await database.read.traces.spans(['tr-1', 'tr-2'])).get('tr-1');
      assert.deepStrictEqual(
        spans?.map(({ name }) => name),
        ['second', 'work'],
      );
      await record(database);
      await record(database, {
        head: head('tr-1', { spans: 2 }),
        assessments: [assessment('tr-1', 'x'), assessment('tr-1', 'x', { value: 1 })],
      });
      assert.deepStrictEqual((await database.read.traces.many(['tr-1']))[0]?.assessments, [assessment('tr-1', 'x', { value: 1 })]);
    }));

  test('tags and assessments are deleted by name, traces with all that is theirs', () =>
    withDatabase(open, async (database) => {
      await record(
        database,
        { head: head('tr-1'), tags: { a: '1', b: '1' }, spans: [span('tr-1', 'a')], assessments: [assessment('tr-1', 'x')], runs: ['r'] },
        { head: head('tr-2'), tags: { a: '1' }, spans: [span('tr-2', 'a')] },
      );
      await database.transaction(async (tx) => {
        assert.equal(await tx.traces.deleteTag('tr-1', 'a'), true);
        assert.equal(await tx.traces.deleteTag('tr-1', 'a'), false);
        assert.equal(await tx.traces.deleteTag('none', 'a'), false);
        await tx.traces.deleteAssessment('tr-1', 'x');
        await tx.traces.deleteAssessment('tr-1', 'x');
      });
      const [trace] = await database.read.traces.many(['tr-1']);
      assert.deepStrictEqual([trace?.tags, trace?.assessments], [{ b: '1' }, []]);
      await database.transaction((tx) => tx.traces.remove(['tr-1', 'none']));
      assert.deepStrictEqual(
        (await database.read.traces.many(['tr-1', 'tr-2'])).map(({ id }) => id),
        ['tr-2'],
      );
      assert.deepStrictEqual([...(await database.read.traces.spans(['tr-1', 'tr-2'])).keys()], ['tr-2']);
      // The same id again is another trace: nothing of the first is left.
      await record(database, { head: head('tr-1') });
      const [renewed] = await database.read.traces.many(['tr-1']);
      assert.deepStrictEqual(renewed, { ...head('tr-1'), tags: {}, metadata: {}, assessments: [] });
      await database.transaction((tx) => tx.traces.remove([]));
    }));

  test('traces that are to go are selected by id and by age, oldest first', () =>
    withDatabase(open, async (database) => {
      await record(database, ...[5, 3, 9, 1].map((at) => ({ head: head(`tr-${at}`, { startedAt: at }) })), {
        head: head('tr-x', { startedAt: 0, experiment: 2 }),
      });
      const { select } = database.read.traces;
      assert.deepStrictEqual(await select({ experiment: 1, until: 5, limit: 10 }), ['tr-1', 'tr-3', 'tr-5']);
      assert.deepStrictEqual(await select({ experiment: 1, until: 5, limit: 2 }), ['tr-1', 'tr-3']);
      assert.deepStrictEqual(await select({ experiment: 1, ids: ['tr-9', 'tr-x'], limit: 10 }), ['tr-9']);
    }));

  test('an experiment that is removed for good takes its traces', () =>
    withDatabase(open, async (database) => {
      const gone = await database.transaction((tx) => tx.experiments.ensure('gone', 1));
      await record(
        database,
        { head: head('tr-1', { experiment: gone.id }), spans: [span('tr-1', 'a')], tags: { a: '1' } },
        { head: head('tr-2', { experiment: 99 }) },
      );
      await database.transaction(async (tx) => {
        await tx.experiments.update(gone.id, { lifecycle: 'deleted', updatedAt: 9 });
        assert.equal(await tx.gc.remove('experiment', String(gone.id)), true);
      });
      assert.deepStrictEqual(
        (await database.read.traces.many(['tr-1', 'tr-2'])).map(({ id }) => id),
        ['tr-2'],
      );
    }));

  test('two writers of one trace at once lose nothing', () =>
    withDatabase(open, async (database, { another }) => {
      const other = await another();
      const write = async (handle: Database, at: number): Promise<void> => {
        await handle.transaction(async (tx) => {
          const [before] = await tx.traces.heads(['tr-1']);
          const id = `${at}`.padStart(16, '0');
          await tx.traces.record([{ head: before ?? head('tr-1'), spans: [span('tr-1', id)], tags: { [`t${at}`]: 'x' } }]);
        });
      };
      await Promise.all(Array.from({ length: 20 }, (_, at) => write(at % 2 === 0 ? database : other, at)));
      const [trace] = await database.read.traces.many(['tr-1']);
      assert.equal(trace?.spans, 20);
      assert.equal(Object.keys(trace.tags).length, 20);
      assert.equal((await other.read.traces.spans(['tr-1'])).get('tr-1')?.length, 20);
    }));

  test('a batch that fails leaves nothing', () =>
    withDatabase(open, async (database) => {
      const bad = record(database, { head: head('tr-1'), spans: [span('tr-1', 'a', { name: 'half \uD800' })] });
      await assert.rejects(bad, (error) => isFault(error, 'invalid_input'));
      assert.deepStrictEqual(await database.read.traces.heads(['tr-1']), []);
    }));
}
