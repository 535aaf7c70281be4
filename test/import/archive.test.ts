import assert from 'node:assert/strict';
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pawl, startServer } from '../cli/pawl.ts';
import type { Server } from '../cli/pawl.ts';

async function post(server: Server, path: string, body: object): Promise<Record<string, string>> {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as Record<string, string>;
}

/** A run with everything that an archive holds, and one below it. */
async function makeRuns(server: Server): Promise<readonly [string, string]> {
  const patch = Buffer.from('a patch');
  const digest = `sha256:${Buffer.from(await crypto.subtle.digest('SHA-256', patch)).toString('hex')}`;
  await fetch(`${server.url}/api/v1/blobs/${digest}`, {
    method: 'PUT',
    body: patch,
    headers: { 'content-type': 'application/octet-stream' },
  });
  const code = { commit: 'c0ffee', branch: 'main', patch: digest };
  const { id: parent = '' } = await post(server, '/api/v1/runs', {
    experiment: 'plain',
    name: 'parent',
    code,
    params: { a: 'ü' },
    environment: { node: '24' },
  });
  const tags = { 'mlflow.parentRunId': parent };
  const { id: child = '' } = await post(server, '/api/v1/runs', { experiment: 'plain', name: 'child', tags });
  const metrics = Array.from({ length: 300 }, (_, step) => ({
    key: step % 2 === 0 ? 'even' : 'odd',
    value: step === 7 ? 'NaN' : step / 3,
    step,
  }));
  for (let start = 0; start < metrics.length; start += 1000)
    await post(server, `/api/v1/runs/${parent}/records`, { metrics: metrics.slice(start, start + 1000) });
  for (const path of ['a.txt', 'deep/er/b.bin', 'deep/same.txt'])
    await fetch(`${server.url}/api/v1/runs/${parent}/artifacts/${path}`, { method: 'PUT', body: path.includes('same') ? 'a.txt' : path });
  const { experiment } = (await server.json('run', 'show', parent)).run;
  const mlflow = '/api/2.0/mlflow';
  const model = (await post(server, `${mlflow}/logged-models`, {
    experiment_id: String(experiment),
    name: 'm',
    source_run_id: parent,
  })) as unknown as {
    model: { info: { model_id: string } };
  };
  const { model_id } = model.model.info;
  await post(server, `${mlflow}/runs/outputs`, { run_id: parent, models: [{ model_id, step: 4 }] });
  await post(server, `${mlflow}/runs/log-metric`, { run_id: parent, key: 'quality', value: 0.5, timestamp: 5, step: 1, model_id });
  await fetch(`${server.url}/api/2.0/mlflow-artifacts/artifacts/${experiment}/models/${model_id}/artifacts/MLmodel`, {
    method: 'PUT',
    body: 'x: 1',
  });
  await post(server, `/api/v1/runs/${parent}/end`, {});
  return [parent, child];
}

async function everything(server: Server, run: string): Promise<unknown> {
  const text = await (await fetch(`${server.url}/api/v1/exports/runs/${run}`)).text();
  // Numbers of experiments are each server's own.
  const whole = JSON.parse(text.replaceAll(/"experiment":[0-9]+/g, '"experiment":0')) as { experiment: object };
  const points = (await (await fetch(`${server.url}/api/v1/exports/runs/${run}/points?limit=1000`)).json()) as object;
  return {
    ...whole,
    digest: undefined,
    experiment: { ...whole.experiment, id: '', artifact_location: null },
    points,
  };
}

test('runs go from one server to another in an archive, whole, under their own ids or new ones', async () => {
  const [from, to] = await Promise.all([startServer(), startServer()]);
  try {
    const [parent, child] = await makeRuns(from);
    const folder = join(from.folder, 'archive');
    const tar = join(from.folder, 'archive.tar');
    const told = await from.json('run', 'export', '--experiment', 'plain', '--to', folder);
    assert.deepEqual([told.runs.length, told.content.files], [2, 4]);
    await from.run('run', 'export', parent, child, '--to', tar);
    assert.match(await from.refuse(1, 'run', 'export', parent, '--to', folder), /something is there already/);
    assert.match(await from.refuse(1, 'run', 'export', 'f'.repeat(32), '--to', join(from.folder, 'none')), /There is no run/);

    // Its number is taken by another there.
    await post(to, '/api/v1/experiments', { name: 'first there' });
    const first = await to.json('run', 'import', tar);
    assert.deepEqual([first.problems, first.content.verified], [[], 3]);
    for (const id of [parent, child]) {
      const [there, here] = [await everything(from, id), await everything(to, id)];
      assert.deepEqual(here, there);
    }
    const patch = (await to.json('run', 'show', parent)).run.code.patch as string;
    assert.equal(await (await fetch(`${to.url}/api/v1/blobs/${patch}`)).text(), 'a patch');
    const again = await to.json('run', 'import', folder);
    assert.deepEqual([again.items[1].unchanged, again.content.sent], [2, 0]);

    await to.json('run', 'import', folder, '--new-ids', '--experiment', 'copies');
    const copies = (await to.json('run', 'list', '--experiment', 'copies')).items as {
      id: string;
      name: string;
      tags: Record<string, string>;
    }[];
    const idOf = (name: string): string => copies.find((one) => one.name === name)?.id ?? '';
    assert.equal(copies.length, 2);
    assert.ok(!copies.some(({ id }) => id === parent || id === child));
    assert.equal(copies.find(({ name }) => name === 'child')?.tags['mlflow.parentRunId'], idOf('parent'));
    const copied = (await (await fetch(`${to.url}/api/v1/exports/runs/${idOf('parent')}`)).json()) as {
      run: { model_outputs: { model: string }[] };
      logged_models: { model: { id: string; run: string } }[];
      points: number;
    };
    assert.equal(copied.points, 301);
    assert.equal(copied.logged_models[0]?.model.id, copied.run.model_outputs[0]?.model);
    assert.equal(copied.logged_models[0]?.model.run, idOf('parent'));
  } finally {
    await Promise.all([from.stop(), to.stop()]);
  }
});

test('an archive that is damaged loses what is damaged, and says so', async () => {
  const server = await startServer();
  try {
    const [parent, child] = await makeRuns(server);
    const folder = join(server.folder, 'archive');
    await server.run('run', 'export', parent, child, '--to', folder);
    const copy = async (name: string): Promise<string> => {
      await cp(folder, join(server.folder, name), { recursive: true });
      return join(server.folder, name);
    };
    const problems = async (path: string): Promise<string> => {
      const args = ['run', 'import', path, '--json', '--new-ids', '--experiment', path];
      const { code, stdout, stderr } = await pawl(args, { env: { PAWL_SERVER: server.url }, cwd: server.folder });
      assert.equal(code, 1, stderr);
      return (JSON.parse(stdout) as { problems: { place: string; problem: string }[] }).problems
        .map((one) => `${one.place}: ${one.problem}`)
        .join('; ');
    };
    const run = await copy('run');
    await writeFile(join(run, 'runs', `${child}.ndjson`), 'x', { flag: 'a' });
    assert.match(await problems(run), new RegExp(`run ${child}: its file is damaged`));
    assert.equal((await server.json('run', 'list', '--experiment', run)).items.length, 1);

    const blob = await copy('blob');
    const named = await readdir(join(blob, 'blobs'));
    const sizes = await Promise.all(named.map(async (name) => [(await readFile(join(blob, 'blobs', name))).length, name] as const));
    const deep = sizes.find(([size]) => size === 'deep/er/b.bin'.length)?.[1] ?? '';
    await writeFile(join(blob, 'blobs', deep), 'deep/er/b.BIN');
    assert.match(await problems(blob), /file "deep\/er\/b\.bin" of run [0-9a-f]+: its content is damaged/);

    await rm(join(blob, 'archive.json'));
    assert.match(await server.refuse(1, 'run', 'import', blob), /its export did not end/);
    await server.run('run', 'export', parent, '--to', join(server.folder, 'x.tar'));
    const bytes = await readFile(join(server.folder, 'x.tar'));
    await writeFile(join(server.folder, 'cut.tar'), bytes.subarray(0, bytes.length - 2000));
    assert.match(await server.refuse(1, 'run', 'import', join(server.folder, 'cut.tar')), /it is cut off/);
    await writeFile(join(server.folder, 'no.tar'), 'x'.repeat(2000));
    assert.match(await server.refuse(1, 'run', 'import', join(server.folder, 'no.tar')), /no tar file/);
  } finally {
    await server.stop();
  }
});
