import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { START, startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;
const ids: string[] = [];

before(async () => {
  stand = await startStand();
  for (const [at, experiment] of ['one', 'team/two', 'team/two'].entries()) {
    const run = await stand.call('POST', '/runs', {
      experiment,
      name: `r${at}`,
      started_at: new Date(START).toISOString(),
      params: at === 1 ? {} : { 'lr rate': `0.${at}` },
      tags: { note: 'a,"b"' },
    });
    ids.push(run.id);
    const loss = { key: 'loss', time: '2026-03-01T00:00:01Z' };
    await stand.call('POST', `/runs/${run.id}/records`, {
      metrics: [
        { ...loss, value: 5 - at, step: 0 },
        { ...loss, value: at === 2 ? 'NaN' : 9, step: 1 },
      ],
    });
  }
  await stand.call('POST', `/runs/${ids[0]}/end`, {});
});
after(() => stand.close());

const table = async (body: object): Promise<Body> => stand.call('POST', '/runs/table', body);
const series = async (body: object): Promise<Body> => (await stand.call('POST', '/runs/series', body)).series;

test('a table has just the columns asked for, over all experiments, a folder or some', async () => {
  const columns = [
    'run_name',
    'experiment',
    'metrics.loss',
    'metrics_min.loss',
    'metrics_max.loss',
    'params.`lr rate`',
    'status',
    'metrics.none',
  ];
  const { rows, columns: titles, next } = await table({ columns, order_by: ['metrics_min.loss'] });
  assert.deepEqual([titles, next], [columns, undefined]);
  assert.deepEqual(rows, [
    ['r2', 'team/two', 'NaN', 3, 3, '0.2', 'running', null],
    ['r1', 'team/two', 9, 4, 9, null, 'running', null],
    ['r0', 'one', 9, 5, 9, '0.0', 'finished', null],
  ]);
  assert.deepEqual((await table({ columns: ['run_name'], folder: 'team', order_by: ['run_name'] })).rows, [['r1'], ['r2']]);
  assert.deepEqual((await table({ columns: ['run_name'], experiments: ['one'], filter: 'metrics_max.loss > 8' })).rows, [['r0']]);
  const [row] = (await table({ columns: ['start_time', 'end_time', 'duration', 'experiment_id'], experiments: ['one'] })).rows;
  assert.equal(row[0], new Date(START).toISOString());
  assert.equal(row[2], (Date.parse(row[1]) - START) / 1000);
});

test('pages of a table end; a cursor belongs to its search', async () => {
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await table({ columns: ['run_id'], limit: 2, ...(after === undefined ? {} : { after }) });
    seen.push(...page.rows.flat());
    after = page.next;
    if (after !== undefined)
      await stand.refuse(400, 'invalid_cursor', 'POST', '/runs/table', { columns: ['run_id'], filter: "run_name = 'r0'", after });
  } while (after !== undefined);
  assert.deepEqual(seen.toSorted(), ids.toSorted());
});

test('the whole table comes as lines of JSON or CSV', async () => {
  const stream = async (format: string, limit?: number): Promise<string> => {
    const payload = { columns: ['run_name', 'metrics.loss', 'tags.note', 'params.`lr rate`'], order_by: ['run_name'], format, limit };
    const answer = await stand.server.inject({ method: 'POST', url: '/api/v1/runs/table/stream', payload });
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.body;
  };
  const lines = (await stream('ndjson'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Body);
  assert.deepEqual(lines[0], ['run_name', 'metrics.loss', 'tags.note', 'params.`lr rate`']);
  assert.deepEqual(lines.slice(1), [
    ['r0', 9, 'a,"b"', '0.0'],
    ['r1', 9, 'a,"b"', null],
    ['r2', 'NaN', 'a,"b"', '0.2'],
  ]);
  assert.equal(await stream('csv', 2), 'run_name,metrics.loss,tags.note,params.`lr rate`\nr0,9,"a,""b""",0.0\nr1,9,"a,""b""",\n');
});

test('a table of what there is not is refused before its first line', async () => {
  assert.match(await stand.refuse(400, 'search_column_invalid', 'POST', '/runs/table', { columns: ['colour'] }), /"colour" is no column/);
  await stand.refuse(400, 'search_filter_invalid', 'POST', '/runs/table', { columns: ['run_id'], filter: 'loss >' });
  const bad = { method: 'POST', url: '/api/v1/runs/table/stream', payload: { columns: ['run_id'], experiments: ['none'] } } as const;
  assert.equal((await stand.server.inject(bad)).statusCode, 404);
});

test('series come whole when they are short, over steps, time, or time since the start', async () => {
  const [first] = await series({ runs: [ids[0]] });
  assert.deepEqual([first.key, first.count, first.sampled, first.x, first.y], ['loss', 2, false, [0, 1], [5, 9]]);
  const [time] = await series({ runs: [ids[2]], metrics: ['loss', 'none'], x: 'time' });
  assert.deepEqual(
    [time.x, time.y, time.steps],
    [
      [START + 1000, START + 1000],
      [3, 'NaN'],
      [0, 1],
    ],
  );
  const [relative] = await series({ runs: [ids[1]], x: 'relative', from_step: 1 });
  assert.deepEqual([relative.x, relative.y], [[1000], [9]]);
  assert.equal((await series({ runs: ids })).length, 3);
});

test('long series are cut to so many points, and lose no extreme', async () => {
  const run = await stand.call('POST', '/runs', { experiment: 'long' });
  const points = Array.from({ length: 20_000 }, (_, step) => ({ key: 'wave', value: Math.sin(step / 300), step, time: START + step * 10 }));
  const special: Readonly<Record<number, number>> = { 7000: -50, 7001: 60, 9000: Number.NaN, 12_345: Infinity };
  for (const [step, value] of Object.entries(special)) points[Number(step)] = { ...(points[Number(step)] as (typeof points)[0]), value };
  for (let at = 0; at < points.length; at += 10_000) await stand.services.runs.record(run.id, { metrics: points.slice(at, at + 10_000) });
  for (const x of ['step', 'relative']) {
    const [found] = await series({ runs: [run.id], metrics: ['wave'], points: 200, x });
    assert.deepEqual([found.count, found.sampled], [20_000, true]);
    const steps: readonly number[] = found.steps ?? found.x;
    assert.ok(steps.length <= 202 && steps.length > 100, String(steps.length));
    assert.deepEqual([steps[0], steps.at(-1)], [0, 19_999]);
    for (const [step, value] of Object.entries(special)) {
      assert.equal(Number(found.y[steps.indexOf(Number(step))]), value, `${x} ${step}`);
    }
  }
});

test('too many series, or runs that are not there, are refused', async () => {
  await stand.refuse(404, 'run_not_found', 'POST', '/runs/series', { runs: ['0'.repeat(32)] });
  const metrics = Array.from({ length: 200 }, (_, at) => `k${at}`);
  assert.match(await stand.refuse(400, 'invalid_input', 'POST', '/runs/series', { runs: ids, metrics }), /600 series/);
  await stand.refuse(400, 'invalid_input', 'POST', '/runs/series', { runs: ids, points: 1 });
});
