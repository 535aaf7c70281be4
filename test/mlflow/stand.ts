/** Runs scenarios of MLflow's own Python client against a real server, and makes a test of each. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { ensurePython } from '../../scripts/python.ts';
import { startServer } from '../cli/pawl.ts';
import { freshDatabase } from '../support/postgres.ts';

interface Result {
  readonly name: string;
  readonly title: string;
  readonly ok: boolean;
  readonly error?: string;
}

/** Nothing of the surroundings' MLflow gets in. */
export function surroundings(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PAWL_|MLFLOW_|NODE_|PYTHON)/.test(name));
  return { ...Object.fromEntries(kept), PYTHONDONTWRITEBYTECODE: '1' };
}

/** Each name is a file of scenarios/; all of them meet one server, in this order. It keeps its records in SQLite unless `engine` says otherwise. */
export function scenarios(title: string, names: readonly string[], engine: 'sqlite' | 'postgres' = 'sqlite'): void {
  test(title, async (t) => {
    const python = await ensurePython('mlflow');
    const database = engine === 'postgres' ? await freshDatabase() : undefined;
    const server = await startServer(database === undefined ? {} : { args: ['--database-url', database.url] });
    try {
      const seen = new Map(names.map((name) => [name, 0]));
      const child = spawn(python, [join(import.meta.dirname, 'run.py'), server.url, ...names], {
        cwd: server.folder,
        env: surroundings(),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (piece: string) => (said = (said + piece).slice(-4000)));
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      for await (const line of createInterface({ input: child.stdout })) {
        const result = JSON.parse(line) as Result;
        const [module = ''] = result.name.split('.');
        seen.set(module, (seen.get(module) ?? 0) + 1);
        await t.test(`${result.name}: ${result.title}`, () => assert.ok(result.ok, result.error));
      }
      const code = await ended;
      assert.ok(code === 0 || code === 1, `the scenarios ended with ${code}:\n${said}`);
      for (const [name, count] of seen) assert.ok(count > 0, `${name} has no scenario; python said:\n${said}`);
    } finally {
      await server.stop();
      await database?.drop();
    }
  });
}
