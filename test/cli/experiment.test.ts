import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start, startServer } from './pawl.ts';
import type { Server } from './pawl.ts';

let server: Server;
let ids: readonly string[] = [];

async function post(path: string, body: object): Promise<{ readonly id: string }> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/api/v1${path}`, init);
  assert.equal(response.status, 200);
  return (await response.json()) as { id: string };
}

before(async () => {
  server = await startServer();
  const made: string[] = [];
  for (const [at, experiment] of ['churn', 'team/growth/lgbm'].entries()) {
    const { id } = await post('/runs', { experiment, name: `try-${at}`, params: { lr: `0.${at}` } });
    made.push(id);
  }
  ids = made;
});
after(() => server.stop());

test('experiments are put into folders, listed, and moved with their folder', async () => {
  assert.match(await server.run('experiment', 'list'), /team\/ +1[^]*churn/);
  assert.match(await server.run('experiment', 'move', 'churn', 'team'), /Moved experiment 1 to team\/churn/);
  assert.equal(
    await server.run('experiment', 'list', '--tree'),
    '/\n├─ team/\n│  ├─ growth/\n│  │  └─ lgbm (2)\n│  └─ churn (1)\n└─ Default (0)\n',
  );
  assert.match(
    await server.run('experiment', 'move', 'team/growth/', '/', '--dry-run'),
    /Would have moved 1 experiment:\n  2  growth\/lgbm/,
  );
  assert.match(await server.run('experiment', 'rename', 'team/growth/', 'more'), /2  team\/more\/lgbm/);
  assert.equal((await server.json('experiment', 'show', 'team/more/lgbm')).name, 'team/growth/lgbm');
  assert.match(await server.run('experiment', 'delete', 'team/more/'), /Deleted 1 experiment/);
  assert.match(await server.run('experiment', 'list', '--deleted', '--all'), /team\/more\/lgbm/);
  assert.match(await server.run('experiment', 'restore', 'team/more/'), /Restored 1 experiment/);
  assert.match(await server.refuse(1, 'experiment', 'move', 'team/', 'team/more'), /cannot move into itself/);
  assert.match(await server.refuse(2, 'experiment', 'delete', 'churn', '--dry-run'), /for folders/);
});

test('values are logged from the shell, and runs listed, exported and compared by them', async () => {
  for (const [at, id] of ids.entries()) {
    assert.match(
      await server.run('run', 'log', id, '-m', `loss=${at + 1}@3`, '-m', 'f1=0.5', '-t', 'note=a'),
      /0 parameters, 2 metrics, 1 tag/,
    );
  }
  assert.match(await server.refuse(2, 'run', 'log', ids[0] as string), /what to record/);
  const csv = await server.run('run', 'list', '--csv', '--metric', 'loss', '--column', 'params.lr', '--order', 'metrics.loss DESC');
  assert.deepEqual(
    csv.split('\n').map((line) => line.split(',').slice(6).join()),
    ['metrics.loss,params.lr', '2,0.1', '1,0.0', ''],
  );
  const table = await server.json('run', 'search', 'metrics.loss > 1', '--column', 'metrics_min.loss');
  assert.deepEqual([table.columns.at(-1), table.rows.length, table.rows[0].at(-1)], ['metrics_min.loss', 1, 2]);
  const compared = await server.run('run', 'compare', ...ids, '--baseline', ids[0] as string);
  assert.match(compared, /loss ↓ +\* 1 +2 \(\+1\)/);
  assert.match(compared, /lr +0\.0 +0\.1/);
  assert.match(await server.refuse(2, 'run', 'compare'), /by id, or by --experiment/);
});

test('runs move, are tagged, deleted and restored, by id or by search', async () => {
  const [first, second] = ids as readonly [string, string];
  assert.match(await server.run('run', 'move', first, '--to', 'team/more/lgbm'), /Moved 1 run/);
  const found = await server.json('run', 'search', '--experiment', 'team/more/lgbm');
  assert.equal(found.items.length, 2);
  assert.match(await server.run('run', 'tag', '--folder', 'team', '--filter', 'metrics.loss = 2', '--set', 'seen=yes'), new RegExp(second));
  assert.equal((await server.json('run', 'delete', '--folder', '/', '--filter', "tags.seen = 'yes'", '--dry-run')).changed, 1);
  assert.match(await server.run('run', 'delete', first, second), /Deleted 2 runs/);
  assert.match(await server.run('run', 'restore', '--folder', '/'), /Restored 2 runs/);
  assert.match(await server.run('run', 'rename', first, 'better'), /to better/);
  assert.match(await server.refuse(2, 'run', 'delete'), /by id, or by --experiment/);
  assert.match(await server.refuse(1, 'run', 'move', first, '--to', 'nowhere'), /no experiment "nowhere"/);
});

test('a run is followed to its end, whose failure is the exit code', async () => {
  const [first] = ids as readonly [string];
  const { child, ended } = start(['run', 'tail', first], { env: { PAWL_SERVER: server.url } });
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  await server.run('run', 'log', first, '-m', 'loss=0.25@4');
  await post(`/runs/${first}/end`, { status: 'failed' });
  const { code, stdout } = await ended;
  assert.equal(code, 1);
  assert.match(stdout, /^run \w+ better running\n/);
  assert.match(stdout, /step 4 loss=0\.25\n(?:.*\n)*status failed\nend failed\n$/);
  assert.match(await server.refuse(1, 'run', 'tail', '0'.repeat(32)), /There is no run/);
});
