import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from '../cli/pawl.ts';
import type { Server } from '../cli/pawl.ts';
import { fencesOf } from './documents.ts';
import { root } from './tree.ts';

// The tour of README.md, step by step: its blocks marked "sh test" run as they stand, in a folder that looks like a clone, against a server that
// was given the same data as the demo's and has trained, judged and promoted its first model.

interface Entry {
  readonly mail: { readonly id: string; readonly received_at: number };
}

interface Example {
  readonly loadCorpus: () => { readonly mails: readonly unknown[] };
  readonly toInboxEntry: (mail: unknown) => Entry;
  readonly writeInbox: (folder: string, entries: readonly Entry[], until: number) => unknown;
  readonly toInferRequest: (mail: Entry['mail']) => { readonly id: string };
}

const run = promisify(execFile);
const fences = fencesOf(readFileSync(join(root, 'README.md'), 'utf8'));
/** When the demo's first model is trained. */
const UNTIL = Date.UTC(2002, 6, 31);
const LINKED = ['package.json', 'node_modules', 'packages', 'examples', 'docs'];

let server: Server;
let entries: readonly Entry[] = [];
let example: Example;

before(async () => {
  // By path: the types of examples are checked in a project of their own.
  const parts = await Promise.all(
    ['corpus', 'inbox', 'requests'].map((name) => import(join(root, `examples/spam/src/${name}.ts`)) as Promise<object>),
  );
  example = Object.assign({}, ...parts) as Example;
  entries = example.loadCorpus().mails.map(example.toInboxEntry);
  server = await startServer();
  for (const name of LINKED) symlinkSync(join(root, name), join(server.folder, name));
  example.writeInbox(join(server.folder, 'inbox'), entries, UNTIL);
  await server.run('data', 'add', 'mail', 'inbox');
  await server.run('apply', '-f', 'examples/spam/pawl.yaml');
  await server.run('pipeline', 'run', 'train-spam-filter', '--wait');
  for (const until = Date.now() + 30_000; (await server.json('rollout', 'endpoints')).items[0]?.stable !== 1;) {
    assert.ok(Date.now() < until, 'the first model did not get into production');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
});

after(() => server?.stop());

test('the blocks of the tour run', { timeout: 120_000 }, async (t) => {
  const blocks = fences.filter(({ info }) => info === 'sh test');
  assert.ok(blocks.length >= 5);
  for (const { body } of blocks) {
    await t.test(body.trim().split('\n')[0] ?? '', async () => {
      const env = { ...process.env, PAWL_SERVER: server.url, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}` };
      const { stdout } = await run('sh', ['-e', '-c', body], { cwd: server.folder, env });
      assert.notEqual(stdout, '');
    });
  }
});

test('the request of the tour is that of a real mail, and is answered; the answer leads to its origin', async () => {
  const line = fences.find(({ body }) => body.startsWith('curl '))?.body ?? '';
  const [, type = '', file = '', path = ''] = /-H 'content-type: (\S+)' -d @(\S+) http:\/\/127\.0\.0\.1:5055(\S+)\s*$/.exec(line) ?? [];
  const body = readFileSync(join(root, file), 'utf8');
  const sent = JSON.parse(body) as { readonly id: string };
  const entry = entries.find(({ mail }) => mail.id === sent.id);
  assert.ok(entry);
  assert.deepEqual(sent, example.toInferRequest(entry.mail));
  const response = await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
  const answer = (await response.json()) as {
    readonly id: string;
    readonly parameters: { readonly prediction_id: string };
    readonly outputs: readonly { name: string }[];
  };
  assert.equal(response.status, 200, JSON.stringify(answer));
  const shown = JSON.parse(fences.find(({ info }) => info === 'json')?.body ?? '') as typeof answer;
  assert.deepEqual(Object.keys(answer), Object.keys(shown));
  assert.deepEqual([answer.id, answer.outputs.map(({ name }) => name)], [shown.id, shown.outputs.map(({ name }) => name)]);
  const text = await lineageOf(answer.parameters.prediction_id);
  assert.match(text, /^Prediction \w+ at endpoint spam\n/);
  assert.match(text, /Model spam-filter version 1 \(Production\)/);
  assert.match(text, /Gate spam-filter: PASS/);
});

/** An answer is taken into the database a moment after it was given. */
async function lineageOf(prediction: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await server.run('lineage', prediction);
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
