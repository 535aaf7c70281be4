import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'node:test';
import { ensurePython } from '../../scripts/python.ts';
import { pawl, start, startServer } from '../cli/pawl.ts';
import { surroundings } from '../mlflow/stand.ts';
import { freshDatabase } from '../support/postgres.ts';

/** Runs of each store: all kinds of what a store may hold are in the first 24. */
const RUNS = 24;

/** MLflow's own Python, which reads PostgreSQL too with what `requirements.txt` here names. */
async function python(cwd: string, script: string, ...args: readonly string[]): Promise<string> {
  const [program, driver] = [await ensurePython('mlflow'), await ensurePython('import')];
  const path = globSync('lib/python3*/site-packages', { cwd: dirname(dirname(driver)) })[0] ?? '';
  const env = { ...surroundings(), PYTHONPATH: join(dirname(dirname(driver)), path) };
  const child = spawn(program, ['-W', 'ignore', join(import.meta.dirname, script), ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text.stdout += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (text.stderr += piece));
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.equal(code, 0, `${script} ${args.join(' ')}\n${text.stdout.slice(-4000)}${text.stderr.slice(-4000)}`);
  return text.stdout;
}

const stores: Readonly<Record<string, (folder: string) => Promise<{ readonly uri: string; readonly drop?: () => Promise<void> }>>> = {
  'file store': async (folder) => ({ uri: join(folder, 'mlruns') }),
  'SQLite database': async (folder) => ({ uri: `sqlite:///${join(folder, 'mlflow.db')}` }),
  'PostgreSQL database': async () => {
    const { url, drop } = await freshDatabase();
    return { uri: url.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:'), drop };
  },
};

test('a store that MLflow wrote is read back equal from Pawl by MLflow’s own client', { concurrency: true }, async (t) => {
  await Promise.all(
    Object.entries(stores).map(([kind, make]) =>
      t.test(kind, async () => {
        const server = await startServer();
        const { uri, drop } = await make(server.folder);
        try {
          await mkdir(server.folder, { recursive: true });
          await python(server.folder, 'fill.py', uri, String(RUNS));
          const options = { env: { PAWL_SERVER: server.url }, cwd: server.folder };
          const counts = { experiments: 4, runs: RUNS, 'logged models': 3, models: 3, versions: 5 };

          // What is the same for every kind of store is shown with one.
          const thorough = kind === 'SQLite database';
          if (thorough) {
            const foreseen = await server.json('import', 'mlflow', uri, '--dry-run');
            assert.equal(foreseen.items.find((one: { what: string }) => one.what === 'runs').created, RUNS);
            assert.equal((await server.json('run', 'list')).items.length, 0);
            assert.equal(foreseen.items.find((one: { what: string }) => one.what === 'versions').created, counts.versions);

            // Killed wherever it is: what came stays, and the rest comes with the next.
            const { child, ended } = start(['import', 'mlflow', uri], options);
            await wait(700);
            child.kill('SIGKILL');
            await ended;
          }

          const first = await server.json('import', 'mlflow', uri);
          assert.deepEqual([first.problems, first.dry_run], [[], false]);
          for (const { what, created, updated, unchanged, ...rest } of first.items) {
            assert.equal(created + updated + unchanged, counts[what as keyof typeof counts], what);
            assert.deepEqual(rest, { skipped: 0, conflict: 0, failed: 0 });
          }
          await python(server.folder, 'compare.py', uri.startsWith('/') ? `file://${uri}` : uri, server.url);

          const again = await server.json('import', 'mlflow', uri);
          for (const { what, unchanged } of again.items) assert.equal(unchanged, counts[what as keyof typeof counts], what);
          assert.deepEqual([again.content.points, again.content.sent], [0, 0]);

          if (!thorough) return;
          const one = (await server.json('run', 'list')).items[0];
          await fetch(`${server.url}/api/2.0/mlflow/runs/set-tag`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ run_id: one.id, key: 'n', value: 'changed here' }),
          });
          const [model] = (await server.json('model', 'list')).items;
          await fetch(`${server.url}/api/2.0/mlflow/model-versions/set-tag`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ name: model.name, version: '1', key: 'n', value: 'changed here' }),
          });
          // A dry run tells what the real one does after it.
          const tally = async (code: number, ...more: readonly string[]) => {
            const told = [];
            for (const dry of [['--dry-run'], []]) {
              const { stdout, code: found } = await pawl(['import', 'mlflow', uri, '--json', ...more, ...dry], options);
              assert.equal(found, code, stdout);
              told.push(JSON.parse(stdout));
            }
            assert.deepEqual([told[0].items, told[0].problems], [told[1].items, told[1].problems]);
            return told[1].items.find(({ what }: { what: string }) => what === 'runs');
          };
          assert.equal((await tally(1)).conflict, 1);
          assert.equal((await tally(0, '--on-conflict', 'skip')).skipped, 1);
          assert.equal((await tally(0, '--on-conflict', 'update')).updated, 1);
          assert.notEqual((await server.json('run', 'show', one.id)).run.tags.n, 'changed here');
        } finally {
          await server.stop();
          await drop?.();
        }
      }),
    ),
  );
});
