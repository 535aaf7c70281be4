/** A server on a home of its own, and a project that it runs. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const pawl = join(import.meta.dirname, '../../packages/app/bin/pawl.mjs');
const LONGEST_RUN_MS = 300_000;

export interface Subject {
  readonly folder: string;
  /** Declares a pipeline; its files lie in the project. */
  apply(name: string, definition: object, files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs it to its end. Throws when that is no success. */
  run(name: string): Promise<Run>;
  stop(): Promise<void>;
}

export interface Run {
  /** From the start to the end, by the server's clock. */
  readonly ms: number;
  /** Of each task, from its claim to its end. */
  readonly taskMs: readonly number[];
}

interface Answer {
  readonly run: { readonly id: string; readonly state: string; readonly created_at: string; readonly ended_at: string | null };
  readonly tasks: readonly { readonly started_at: string; readonly ended_at: string; readonly error: string | null }[];
}

/** @param path where steps find their programs */
export async function startPawl(path: string): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-bench-'));
  const project = join(folder, 'project');
  await mkdir(project);
  const env = { ...process.env, PATH: path };
  const server = spawn(process.execPath, [pawl, 'server', '--port', '0', '--home', join(folder, 'home'), '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  let text = '';
  for await (const chunk of server.stdout) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  const url = /Pawl is ready at (\S+)/.exec(text)?.[1];
  if (url === undefined) throw new Error(`the server did not start: ${text}`);

  async function ask<T>(method: string, route: string, body?: object): Promise<T> {
    const answer = await fetch(`${url}/api/v1${route}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  return {
    folder,
    async apply(name, definition, files) {
      for (const [file, content] of Object.entries(files)) await writeFile(join(project, file), content);
      await writeFile(join(project, 'pawl.yaml'), JSON.stringify({ name, pipelines: 'pipeline.yaml' }));
      await writeFile(join(project, 'pipeline.yaml'), JSON.stringify({ name, ...definition }));
      await promisify(execFile)(process.execPath, [pawl, 'apply', '--server', url], { cwd: project, env });
    },
    async run(name) {
      const { run } = await ask<Answer>('POST', `/pipelines/${name}/runs`, {});
      for (const end = Date.now() + LONGEST_RUN_MS; Date.now() < end; await wait(50)) {
        const now = await ask<Answer>('GET', `/pipeline-runs/${run.id}`);
        if (now.run.ended_at === null) continue;
        if (now.run.state !== 'succeeded')
          throw new Error(`the run ended as ${now.run.state}: ${JSON.stringify(now.tasks.find(({ error }) => error))}`);
        const since = (from: string, to: string): number => Date.parse(to) - Date.parse(from);
        return { ms: since(run.created_at, now.run.ended_at), taskMs: now.tasks.map((task) => since(task.started_at, task.ended_at)) };
      }
      throw new Error('the run did not end');
    },
    async stop() {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
