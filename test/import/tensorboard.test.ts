import assert from 'node:assert/strict';
import { cp, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pawl, startServer } from '../cli/pawl.ts';
import type { Server } from '../cli/pawl.ts';

/** Written by `write_logs.py`. */
const logs = join(import.meta.dirname, 'tensorboard');
const tb = 'tb/events.out.tfevents.1700000000.host.tb';
const START = 1_700_000_000_000;

interface Series {
  readonly key: string;
  readonly points: readonly (readonly [number, number, number | string])[];
}

async function runsOf(server: Server, experiment: string): Promise<ReadonlyMap<string, string>> {
  const { items } = await server.json('run', 'list', '--experiment', experiment);
  return new Map(items.map(({ id, name }: { id: string; name: string }) => [name, id]));
}

async function pointsOf(server: Server, run: string | undefined): Promise<ReadonlyMap<string, Series['points']>> {
  const answer = await fetch(`${server.url}/api/v1/exports/runs/${run}/points`);
  const { items } = (await answer.json()) as { items: readonly Series[] };
  return new Map(items.map(({ key, points }) => [key, points]));
}

test('logs of TensorBoard become runs, with steps and times, and coming again adds what is new', async () => {
  const server = await startServer();
  try {
    const first = await server.json('import', 'tensorboard', logs, '--experiment', 'logs');
    assert.deepEqual([first.problems, first.content.verified, first.items[1].created], [[], 3, 3]);
    assert.deepEqual(first.left_out, [
      { what: 'pr_curves', count: 1 },
      { what: 'histograms', count: 2 },
    ]);
    const runs = await runsOf(server, 'logs');
    assert.deepEqual([...runs.keys()].toSorted(), ['tb', 'x/lr=0.01', 'x/lr=0.1']);
    const x = await pointsOf(server, runs.get('x/lr=0.1'));
    const loss = x.get('train/loss') ?? [];
    assert.equal(loss.length, 20);
    assert.deepEqual(loss[3], [3, START + 3000, Math.fround(0.1 / 4)]);
    assert.deepEqual(x.get('odd'), [
      [0, START, 'NaN'],
      [1, START, 'Infinity'],
    ]);
    const own = await pointsOf(server, runs.get('tb'));
    assert.deepEqual(
      own.get('half'),
      [0, 1, 2, 3, 4].map((step) => [step, START + step * 1000 + 100, step / 4]),
    );
    assert.deepEqual(own.get('long')?.[3], [3, START + 3200, 0.30000000000000004]);
    const { run } = await server.json('run', 'show', runs.get('tb') ?? '');
    assert.deepEqual([run.params, run.status], [{ lr: '0.5', layers: '3', opt: 'adam', bias: 'true' }, 'failed']);
    const text = await fetch(`${server.url}/get-artifact?run_id=${runs.get('tb')}&path=text/doc/text.md`);
    assert.equal(await text.text(), '# step 0\n\none\ntwo\n');
    const picture = await fetch(`${server.url}/get-artifact?run_id=${runs.get('x/lr=0.1')}&path=images/picture/step-5.png`);
    assert.equal(Buffer.from(await picture.arrayBuffer()).toString('latin1', 1, 4), 'PNG');
    const again = await server.json('import', 'tensorboard', logs, '--experiment', 'logs');
    assert.equal(again.items[1].unchanged, 3);
  } finally {
    await server.stop();
  }
});

test('a log that is cut off comes up to there, and a damaged record is passed by', async () => {
  const server = await startServer();
  try {
    const folder = join(server.folder, 'logs');
    await cp(logs, folder, { recursive: true });
    const options = { env: { PAWL_SERVER: server.url }, cwd: server.folder };
    const whole = await readFile(join(logs, tb));

    await truncate(join(folder, tb), whole.length - 300);
    const cut = await server.json('import', 'tensorboard', folder);
    assert.deepEqual(cut.problems, []);
    assert.match(cut.notes[0].problem, /cut off after \d+ bytes; what is before it comes/);
    const before = (await pointsOf(server, (await runsOf(server, 'logs')).get('tb'))).get('long')?.length ?? 0;
    await writeFile(join(folder, tb), whole);
    await server.json('import', 'tensorboard', folder);
    const after = (await pointsOf(server, (await runsOf(server, 'logs')).get('tb'))).get('long')?.length ?? 0;
    assert.ok(before < after && after === 5, `${before} points, then ${after}`);

    // A byte of the last point's data, then one of a length.
    const damage = async (at: number): Promise<string> => {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
      await writeFile(join(folder, tb), bytes);
      const { code, stdout } = await pawl(['import', 'tensorboard', folder, '--json', '--experiment', `at ${at}`], options);
      assert.equal(code, 1);
      return (JSON.parse(stdout) as { problems: { place: string; problem: string }[] }).problems
        .map((one) => `${one.place}: ${one.problem}`)
        .join('; ');
    };
    const record = whole.indexOf('loss') - 4;
    assert.match(await damage(record), /of run "tb": a record is damaged/);
    assert.ok(((await pointsOf(server, (await runsOf(server, `at ${record}`)).get('tb'))).get('long')?.length ?? 0) === 5);
    assert.match(await damage(0), /the length of a record is damaged, so that nothing after it can be found/);
    assert.match(await server.refuse(1, 'import', 'tensorboard', server.home), /no event file/);
  } finally {
    await server.stop();
  }
});
