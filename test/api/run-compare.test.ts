import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;
const ids: string[] = [];

before(async () => {
  stand = await startStand();
  await stand.call('POST', '/datasets/mail/versions', { manifest: await stand.store({ 'a.csv': 'a\n1\n' }) });
  for (const [at, experiment] of ['one', 'team/two', 'team/three'].entries()) {
    const code = { commit: at === 2 ? 'd'.repeat(40) : 'c'.repeat(40) };
    const run = await stand.call('POST', '/runs', {
      experiment,
      name: `r${at}`,
      params: { lr: `0.${at}`, kind: 'x' },
      code,
      environment: { node: '24' },
    });
    ids.push(run.id);
    await stand.call('POST', `/runs/${run.id}/records`, {
      inputs: at === 0 ? [] : [{ ref: 'mail', role: 'training' }],
      metrics: [
        { key: 'loss', value: at, step: 0 },
        { key: 'loss', value: 5 - at, step: 1 },
      ],
    });
  }
});
after(() => stand.close());

const compare = async (body: object): Promise<Body> => stand.call('POST', '/runs/compare', body);

test('runs of several experiments are set beside each other, with the best marked and measured against a baseline', async () => {
  const found = await compare({ runs: ids, baseline: ids[1] });
  assert.deepEqual(
    found.runs.map((one: Body) => [one.name, one.experiment]),
    [
      ['r0', 'one'],
      ['r1', 'team/two'],
      ['r2', 'team/three'],
    ],
  );
  const [loss] = found.metrics;
  assert.deepEqual([loss.goal, loss.values, loss.best, loss.deltas], ['min', [5, 4, 3], [2], [1, 0, -1]]);
  assert.deepEqual(
    [loss.least, loss.greatest],
    [
      [0, 1, 2],
      [5, 4, 3],
    ],
  );
  assert.deepEqual(
    found.params.map((one: Body) => [one.key, one.values, one.differs]),
    [
      ['kind', ['x', 'x', 'x'], false],
      ['lr', ['0.0', '0.1', '0.2'], true],
    ],
  );
  assert.deepEqual([found.code[0].differs, found.environment[0].differs], [true, false]);
  assert.deepEqual(found.data, [{ name: 'mail', version: '1', role: 'training', used: [false, true, true] }]);
});

test('the best that each run had may decide, and a goal be told', async () => {
  assert.deepEqual((await compare({ runs: ids, by: 'best' })).metrics[0].best, [0]);
  assert.deepEqual((await compare({ runs: ids, goals: { loss: 'max' } })).metrics[0].best, [0]);
});

test('what a search finds is compared, with a baseline from outside first', async () => {
  const found = await compare({ search: { folder: 'team', order_by: ['metrics.loss'] }, baseline: ids[0] });
  assert.deepEqual(
    found.runs.map((one: Body) => one.name),
    ['r0', 'r2', 'r1'],
  );
});

test('nothing to compare, or what is not there, is told', async () => {
  await stand.refuse(404, 'run_not_found', 'POST', '/runs/compare', { runs: ['0'.repeat(32)] });
  await stand.refuse(400, 'invalid_input', 'POST', '/runs/compare', {});
  assert.match(
    await stand.refuse(400, 'invalid_input', 'POST', '/runs/compare', { search: { filter: 'metrics.loss > 99' } }),
    /nothing to compare/,
  );
});
